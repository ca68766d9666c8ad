using Exchange.Catalog;
using Exchange.Server.Audit;

namespace Exchange.Server.Records.Reading;

/// <summary>A read of one record that was allowed to begin.</summary>
/// <param name="Caller">Who reads.</param>
/// <param name="Name">Which record.</param>
/// <param name="Purpose">Why.</param>
/// <param name="View">What the caller may read of what it wants.</param>
internal sealed record RecordRead(Caller Caller, RecordName Name, Purpose Purpose, RecordView View)
{
    /// <summary>What is written into the trail before the record is read.</summary>
    public ReadIntent ToIntent(string action, RecordMoment moment) => new()
    {
        Caller = Caller,
        Action = action,
        Resource = View.Resource.Id.Value,
        Purpose = Purpose,
        Fields = View.FieldNames,
        MaskedFields = View.MaskedFields,
        Masks = View.Masks,
        AsOfPosition = moment.Position,
        AsOfTime = moment.Time,
        Record = Name.Record,
        GovernancePosition = View.Plan.Plan.Revision,
    };

    /// <summary>Absent and hidden records answer alike.</summary>
    public Refusal NotFound() => new(RefusalReason.RecordNotFound, $"there is no record `{Name}` that you may see")
    {
        Metadata = new Dictionary<string, string> { ["record"] = Name.ToString() },
    };
}
