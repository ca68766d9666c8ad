using Exchange.Catalog.Governance;
using Exchange.Catalog.Records;
using Exchange.Policy.Conditions;

namespace Exchange.Catalog.Tests.Records;

/// <summary>Pushes written as field = value pairs.</summary>
internal static class Push
{
    internal static readonly Caller Hotline = new(City.Hotline, new("hotline-push"), Role.DepartmentSystem);
    internal static readonly Caller Forum = new(City.Forum, new("forum-push"), Role.DepartmentSystem);

    // Roads and the follow-up centre open no records, yet push their fields from systems of their own.
    internal static readonly Caller Roads = new(new("road-crew"), new("road-push"), Role.DepartmentSystem);
    internal static readonly Caller Revisit = new(City.Revisit, new("revisit-push"), Role.DepartmentSystem);

    internal static RecordDecision By(
        Caller caller, RecordState? state, (string Field, PushedValue Value)[] pushed, long version = 0, UnownedFields unowned = UnownedFields.Reject, string? openAs = "T1")
    {
        var columns = Columns(caller, [.. pushed.Select(item => item.Field)], unowned);
        return RecordRules.Decide(columns, state, state is null || state.Opener == caller.Department ? openAs : null, version, [.. pushed.Select(item => item.Value)]);
    }

    internal static PushColumns Columns(Caller caller, string[] fields, UnownedFields unowned = UnownedFields.Reject) => Columns(Governance, caller, fields, unowned);

    internal static PushColumns Columns(
        GovernanceState state, Caller caller, string[] fields, UnownedFields unowned = UnownedFields.Reject, Purpose purpose = Purpose.Unspecified, DateTimeOffset? now = null) =>
        PushColumns.Resolve(state, caller, new(City.Complaint, SystemOf(caller), fields, unowned, purpose), now ?? City.Noon).Value;

    internal static string SystemOf(Caller caller) =>
        Governance.Departments[caller.Department.Value].SourceSystems is [var first, ..] ? first.Value : "none";

    internal static GovernanceState Governance { get; } = Build();

    internal static PushedValue Text(string text) => PushedValue.Of(FieldValue.Text(text));

    internal static RecordState Opened(params (string Field, PushedValue Value)[] pushed) =>
        By(Hotline, null, [("title", Text("Leak")), .. pushed]).NewState!;

    internal static FieldValue Value(this RecordState state, string field) => state.Values[City.Resource.IndexOf(field)];

    internal static string[] Reasons(this RecordDecision decision) => [.. decision.Errors.Select(error => $"{error.Field} {error.Reason}".TrimStart())];

    internal static string[] Changed(this RecordDecision decision) =>
        [.. decision.ChangedFields.ToArray().Select(index => City.Resource.Fields[index].Name)];

    private static GovernanceState Build()
    {
        var state = City.State;
        return state
            .Apply(new GovernanceEvent.DepartmentRegistered(City.Department(Roads.Department, "road-crew")), state.Position + 1)
            .Apply(new GovernanceEvent.DepartmentRegistered(City.Department(City.Revisit, "revisit")), state.Position + 2);
    }
}
