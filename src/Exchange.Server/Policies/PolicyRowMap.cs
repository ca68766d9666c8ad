using Exchange.Catalog;
using Exchange.Catalog.Policies;
using Exchange.Policy.Language;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Turns policy rows into messages and back.</summary>
internal static class PolicyRowMap
{
    private const string Rows = "policyRows";

    /// <summary>The name of a row.</summary>
    public static string NameOf(PolicyRowId id) => $"{Rows}/{id}";

    /// <summary>The id in a name that says which row a request is about. Base rows have a slash in theirs.</summary>
    public static Result<PolicyRowId> IdIn(string field, string name) => ResourceNames.IdIn(Rows, name) is { Length: > 0 } id && id[0] is not '/'
        ? new PolicyRowId(id)
        : Refusal.Invalid(field, "INVALID_NAME", "must be `policyRows/{policy_row}`");

    /// <summary>The row as a message.</summary>
    public static Proto.PolicyRow ToProto(this PolicyRow row) => new()
    {
        Name = NameOf(row.Id),
        Department = row.Department is { } department ? DepartmentMap.NameOf(department) : "",
        Subject = row.Subject,
        Object = row.Object,
        Actions = { row.Actions.Select(action => (Proto.PolicyAction)action) },
        Condition = row.Condition,
        RowFilter = row.RowFilter,
        Mask = row.Mask.ToProto(),
        Effect = ToProto(row.Effect),
        Reason = row.Reason,
        CreateTime = row.CreateTime > DateTimeOffset.UnixEpoch ? Timestamp.FromDateTimeOffset(row.CreateTime) : null,
    };

    /// <summary>The message as a row, unchecked; the time only of a stored one.</summary>
    public static PolicyRow ToDomain(this Proto.PolicyRow row) => new()
    {
        Id = new PolicyRowId(ResourceNames.IdIn(Rows, row.Name)),
        Department = ResourceNames.DepartmentIn(row.Department),
        Subject = row.Subject,
        Object = row.Object,
        Actions = [.. row.Actions.Select(action => (PolicyAction)action)],
        Condition = row.Condition,
        RowFilter = row.RowFilter,
        Mask = row.Mask.ToDomain(),
        Effect = row.Effect switch
        {
            Proto.PolicyEffect.Allow => RuleEffect.Allow,
            Proto.PolicyEffect.Deny => RuleEffect.Deny,
            _ => RuleEffect.Indeterminate, // no effect: the rules say so
        },
        Reason = row.Reason,
        CreateTime = row.CreateTime is { Seconds: >= 0 and <= 253_402_300_799, Nanos: >= 0 and <= 999_999_999 } time ? time.ToDateTimeOffset() : default,
    };

    /// <summary>An effect.</summary>
    public static Proto.PolicyEffect ToProto(RuleEffect effect) => effect is RuleEffect.Allow ? Proto.PolicyEffect.Allow : Proto.PolicyEffect.Deny;
}
