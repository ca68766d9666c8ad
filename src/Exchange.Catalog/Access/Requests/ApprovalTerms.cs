namespace Exchange.Catalog;

/// <summary>On what terms an owner approves.</summary>
public sealed record ApprovalTerms
{
    /// <summary>The owner's agreement, in its current version; null when none was named.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>Names of the fields approved; none named means all that were asked for.</summary>
    public ValueList<string> Fields { get; init; }

    /// <summary>Narrows the rows asked for; empty means as asked.</summary>
    public string RowFilter { get; init; } = "";

    /// <summary>Mask instead of the sharing list's.</summary>
    public Mask Mask { get; init; }

    /// <summary>How much may be read; null means as asked.</summary>
    public Quota? Quota { get; init; }

    /// <summary>Not later than asked; null means as asked.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>Whether and for how long the grant is renewed.</summary>
    public RenewalPeriod RenewalPeriod { get; init; }
}
