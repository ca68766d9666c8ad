namespace Exchange.Catalog;

/// <summary>A version of an agreement (共享协议): a text with what follows from it. Versions stay as they are.</summary>
public sealed record Agreement
{
    /// <summary>Whose and which.</summary>
    public required AgreementId Id { get; init; }

    /// <summary>From 1, one more with each publication.</summary>
    public required int Version { get; init; }

    /// <summary>Title, 1 to 200 characters.</summary>
    public required string Title { get; init; }

    /// <summary>The text that both sides accept, 1 to 50 000 characters.</summary>
    public required string Text { get; init; }

    /// <summary>What follows from it, at most 100.</summary>
    public ValueList<AgreementTerm> Terms { get; init; }

    /// <summary>When the version was published.</summary>
    public DateTimeOffset PublishTime { get; init; }

    /// <summary>Changes with every version.</summary>
    public string Etag => $"a{Version}";
}
