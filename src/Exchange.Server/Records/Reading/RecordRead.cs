using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Server.Access;
using Exchange.Server.Audit;

namespace Exchange.Server.Records.Reading;

/// <summary>A read of one record that was allowed to begin.</summary>
/// <param name="Caller">Who reads.</param>
/// <param name="Name">Which record.</param>
/// <param name="Purpose">Why.</param>
/// <param name="Plan">What the caller may read.</param>
/// <param name="Fields">Places in the resource of the wanted fields, by ascending number.</param>
internal sealed record RecordRead(Caller Caller, RecordName Name, Purpose Purpose, ReadPlan Plan, ImmutableArray<int> Fields)
{
    /// <summary>The revision that is read under.</summary>
    public ResourceDefinition Resource => Plan.Plan.Resource;

    /// <summary>True when the field's value is needed, for showing or for deciding.</summary>
    public bool Wants(int number) => Plan.Plan.ConditionNumbers.Contains(number) || Fields.Any(index => Resource.Fields[index].Number == number);

    /// <summary>True when the other read shows the same of the same fields.</summary>
    public bool ShowsAs(RecordRead other) => ReferenceEquals(Plan, other.Plan)
        || (ReferenceEquals(Resource, other.Resource) && Fields.SequenceEqual(other.Fields)
            && PlanDigest.Of(Plan.Plan, Fields).AsSpan().SequenceEqual(PlanDigest.Of(other.Plan.Plan, Fields)));

    /// <summary>What is written into the trail before the record is read.</summary>
    public ReadIntent ToIntent(string action, RecordMoment moment) => new()
    {
        Caller = Caller,
        Action = action,
        Resource = Resource.Id.Value,
        Purpose = Purpose,
        Fields = [.. Fields.Select(index => Resource.Fields[index].Name)],
        MaskedFields = [.. Masked.Select(plan => plan.Field.Name)],
        Masks = [.. Masked.Select(plan => (plan.Field.Name, plan.Masks))],
        AsOfPosition = moment.Position,
        AsOfTime = moment.Time,
        Record = Name.Record,
        GovernancePosition = Plan.Plan.Revision,
    };

    private IEnumerable<FieldPlan> Masked => Fields.Select(index => Plan.Plan.Fields[index]).Where(plan => !plan.Masks.IsEmpty);

    /// <summary>Absent and hidden records answer alike.</summary>
    public Refusal NotFound() => new(RefusalReason.RecordNotFound, $"there is no record `{Name}` that you may see")
    {
        Metadata = new Dictionary<string, string> { ["record"] = Name.ToString() },
    };
}
