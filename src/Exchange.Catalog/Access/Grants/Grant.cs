using System.Collections.Immutable;

namespace Exchange.Catalog;

/// <summary>An owner's permission to a reader (授权), with an end. Compares its lists by reference: compare ids instead.</summary>
public sealed record Grant
{
    /// <summary>Its id.</summary>
    public required GrantId Id { get; init; }

    /// <summary>Its name, as rules and the public contract say it.</summary>
    public string Name => $"departments/{Owner}/grants/{Id}";

    /// <summary>The department that gives it.</summary>
    public required DepartmentId Owner { get; init; }

    /// <summary>The department that may read.</summary>
    public required DepartmentId Reader { get; init; }

    /// <summary>Of which resource.</summary>
    public required ResourceId Resource { get; init; }

    /// <summary>Names of the fields, at least one; resolved by name against the resource's current revision.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>For which purposes, at least one.</summary>
    public required ImmutableArray<Purpose> Purposes { get; init; }

    /// <summary>Row filter in filter syntax without text search; empty means every row of the owner.</summary>
    public string RowFilter { get; init; } = "";

    /// <summary>Mask instead of the sharing list's; unspecified takes the sharing list's.</summary>
    public Mask Mask { get; init; }

    /// <summary>Ends then; at most 3 years after it was issued. Renewals move it.</summary>
    public required DateTimeOffset ExpireTime { get; init; }

    /// <summary>When it was issued.</summary>
    public DateTimeOffset CreateTime { get; init; }

    /// <summary>When it was revoked; null while it stands.</summary>
    public DateTimeOffset? RevokeTime { get; init; }

    /// <summary>In force from then; null from its acceptance.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>The owner's agreement it is bound to; null for grants of the first hubs, which are in force without.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>Version of the agreement; 0 without one.</summary>
    public int AgreementVersion { get; init; }

    /// <summary>How much may be read by it.</summary>
    public Quota Quota { get; init; }

    /// <summary>Whether and for how long it is renewed.</summary>
    public RenewalPeriod RenewalPeriod { get; init; }

    /// <summary>The access request it came of; null for one that the owner offered by itself.</summary>
    public AccessRequestId? Request { get; init; }

    /// <summary>Who accepted for the owner; null for grants of the first hubs.</summary>
    public ClientId? Issuer { get; init; }

    /// <summary>Who accepted for the reader; null before.</summary>
    public ClientId? Acceptor { get; init; }

    /// <summary>When the reader accepted.</summary>
    public DateTimeOffset? AcceptTime { get; init; }

    /// <summary>When the reader declined it.</summary>
    public DateTimeOffset? DeclineTime { get; init; }

    /// <summary>Why it was revoked or declined; empty unless it was.</summary>
    public string Reason { get; init; } = "";

    /// <summary>When its renewal was asked for; null when nobody waits for one.</summary>
    public DateTimeOffset? RenewalRequestTime { get; init; }

    /// <summary>True once it was renewed: its end is another than was offered.</summary>
    public bool IsRenewed { get; init; }

    /// <summary>The last of the steps that time brings which was told; those before it are not told any more.</summary>
    public GrantStep Told { get; init; }

    /// <summary>True while a reader may rely on it.</summary>
    public bool IsActive(DateTimeOffset now) => StateAt(now) is GrantState.Active;

    /// <summary>True while it counts or may come to count: it was not revoked, declined, nor is it at its end.</summary>
    public bool MayCountAt(DateTimeOffset now) => StateAt(now) is GrantState.Offered or GrantState.Pending or GrantState.Active;

    /// <summary>Where it stands.</summary>
    public GrantState StateAt(DateTimeOffset now) =>
        RevokeTime is not null ? GrantState.Revoked
        : DeclineTime is not null ? GrantState.Declined
        : now >= ExpireTime ? GrantState.Expired
        : Agreement is not null && AcceptTime is null ? GrantState.Offered
        : now < StartTime ? GrantState.Pending
        : GrantState.Active;
}
