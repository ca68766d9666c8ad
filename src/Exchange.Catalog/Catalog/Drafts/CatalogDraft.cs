using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>A resource's draft with its place in the resource's life. Open from the first save until it is approved or given up.</summary>
public sealed record CatalogDraft
{
    /// <summary>What the resource shall be; once the draft ended nothing but its id and department.</summary>
    public required ResourceDraft Content { get; init; }

    /// <summary>DRAFT, PUBLISH_REVIEW or PUBLISH_REJECTED; PUBLISHED and DELETED once it ended.</summary>
    public required ResourceState State { get; init; }

    /// <summary>Who saved it last.</summary>
    public required ClientId Author { get; init; }

    /// <summary>Who submitted it; null before.</summary>
    public ClientId? Submitter { get; init; }

    /// <summary>Why it was rejected; empty unless it was.</summary>
    public string RejectReason { get; init; } = "";

    /// <summary>When it was saved last.</summary>
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>When it was submitted; null before.</summary>
    public DateTimeOffset? SubmitTime { get; init; }

    /// <summary>From 1, one more with each step, also beyond the end of a draft: what was read of one is never taken for another.</summary>
    public required int Revision { get; init; }

    /// <summary>True until it was approved or given up.</summary>
    public bool IsOpen => State is ResourceState.Draft or ResourceState.PublishReview or ResourceState.PublishRejected;

    /// <summary>
    /// Changes with every step of the draft, and with what it would change: a publication or revocation of the resource. Whoever approves says with it what was read.
    /// </summary>
    public string EtagIn(GovernanceState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var last = state.LastResource(Content.Id)?.Revision ?? 0;
        return $"p{Revision}.{(state.Resources.ContainsKey(Content.Id.Value) ? "r" : "x")}{last}";
    }

    internal static CatalogDraft Saved(CatalogDraft? earlier, GovernanceEvent.ResourceDraftSaved happened) => new()
    {
        Content = happened.Draft,
        State = ResourceState.Draft,
        Author = happened.Author,
        UpdateTime = happened.Time,
        Revision = (earlier?.Revision ?? 0) + 1,
    };

    internal CatalogDraft Submitted(GovernanceEvent.ResourceDraftSubmitted happened) => this with
    {
        State = ResourceState.PublishReview, Submitter = happened.Submitter, SubmitTime = happened.Time, RejectReason = "", Revision = Revision + 1,
    };

    internal CatalogDraft Rejected(GovernanceEvent.ResourceDraftRejected happened) =>
        this with { State = ResourceState.PublishRejected, RejectReason = happened.Reason, Revision = Revision + 1 };

    internal CatalogDraft Ended(GovernanceEvent.ResourceDraftEnded happened) =>
        this with
        {
            Content = new ResourceDraft { Id = Content.Id, Department = Content.Department, Fields = [] },
            State = happened.IsApproved ? ResourceState.Published : ResourceState.Deleted,
            Revision = Revision + 1,
        };
}
