using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.Server.Departments;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Proposals;

/// <summary>Writes proposals as messages.</summary>
internal static class ProposalMap
{
    /// <summary>Without values and reasons.</summary>
    public static Proto.Proposal ToProto(this ProposalRow row, ResourceDefinition? resource, Caller caller) => new()
    {
        Name = row.Name.ToString(),
        Kind = row.Proposal.IsDispute ? Proto.ProposalKind.Dispute : Proto.ProposalKind.Proposal,
        State = (Proto.ProposalState)row.Proposal.State,
        Proposer = DepartmentMap.NameOf(row.Proposal.Proposer),
        Owner = MayKnowOwner(row, resource, caller) ? DepartmentMap.NameOf(row.Proposal.Owner) : "",
        Fields = { row.Proposal.Fields.Select(number => new Proto.ProposedField { Field = NameOf(resource, number) }) },
        CreateTime = Timestamp.FromDateTimeOffset(row.CreateTime),
        DueTime = Timestamp.FromDateTimeOffset(row.Proposal.DueTime),
        DecideTime = row.DecideTime is { } decided ? Timestamp.FromDateTimeOffset(decided) : null,
    };

    /// <summary>With what only the two sides see: values of the shown fields, by number, and the reasons when all are shown, as they may tell of values.</summary>
    public static Proto.Proposal ToProto(this ProposalRow row, ResourceDefinition? resource, ProposalContent content, Caller caller, IReadOnlySet<int> shown)
    {
        var proposal = row.ToProto(resource, caller);
        var isOwner = row.Proposal.Owner == caller.Department;
        if (shown.IsSupersetOf(row.Proposal.Fields))
        {
            (proposal.Reason, proposal.DecisionReason) = (content.Reason, content.DecisionReason);
        }

        (proposal.ReadVersion, proposal.RecordVersion) = (content.ReadVersion, isOwner ? content.RecordVersion : 0);
        foreach (var (index, number) in row.Proposal.Fields.Index())
        {
            var field = proposal.Fields[index];
            field.Value = shown.Contains(number) ? content.Values.GetValueOrDefault(number) : null;
            field.Accepted = content.Accepted.Contains(number);
            field.Changed = isOwner && row.Proposal.State is ProposalState.Open && content.Changed.Contains(number);
        }

        return proposal;
    }

    // Of a fixed department the catalog tells. Who else the owner is, is a value of the record: its opener, or what a field says that the proposer may not read.
    private static bool MayKnowOwner(ProposalRow row, ResourceDefinition? resource, Caller caller) =>
        caller.Role is Role.Operator or Role.Auditor || row.Proposal.Owner == caller.Department
        || (resource is not null && row.Proposal.Fields.All(number => resource.TryGetField(number, out var field) && field.Owner is OwnerRule.Department));

    /// <summary>Name of a field; its number when no revision has it.</summary>
    public static string NameOf(ResourceDefinition? resource, int number) =>
        resource is not null && resource.TryGetField(number, out var field) ? field.Name : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number}");
}
