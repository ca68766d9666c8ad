using System.Globalization;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Audit;

/// <summary>Turns entries of the audit trail into messages.</summary>
internal static class AuditMap
{
    /// <summary>The entry as a message.</summary>
    public static Proto.AuditEntry ToProto(this AuditedRead read)
    {
        var stored = read.Stored;
        var entry = new Proto.AuditEntry
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"auditEntries/{stored.Partition}-{stored.Position}"),
            Department = DepartmentMap.NameOf(new(stored.Caller)),
            Client = stored.Client,
            GovernancePosition = stored.GovernancePosition,
            StartTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            OwnerView = read.IsOwnerView,
        };
        if (read.Intent is { } intent)
        {
            entry.Action = intent.Action;
            entry.Resource = NameOf(intent.Resource);
            entry.Purpose = intent.Purpose;
            entry.Fields.Add(intent.Fields);
            entry.MaskedFields.Add(intent.MaskedFields);
            entry.FilterFingerprint = intent.FilterFingerprint;
            entry.Record = intent.Record.Length is 0 ? "" : $"{entry.Resource}/records/{intent.Record}";
            entry.ExplainedDepartment = intent.ExplainedDepartment.Length is 0 ? "" : DepartmentMap.NameOf(new(intent.ExplainedDepartment));
            entry.OrderBy = intent.OrderBy;
            entry.AsOfPosition = intent.AsOfPosition;
            entry.AsOfTime = intent.AsOfTime;
            entry.BeginPositions.Add(intent.BeginPositions.Select(ToProto));
            entry.Masks.Add(intent.Masks.Select(field => new Proto.FieldMasks { Field = field.Field, Kinds = { field.Kinds.Select(kind => (Proto.MaskKind)kind) } }));
        }

        if (read.Completed is var (outcome, time))
        {
            entry.Rows = outcome.Rows;
            entry.OwnerRows.Add(outcome.Owners.Select(rows => new Proto.OwnerRows { Department = DepartmentMap.NameOf(new(rows.Department)), Rows = rows.Rows }));
            entry.EndTime = Timestamp.FromDateTimeOffset(time);
            entry.Outcome = outcome.Status;
            entry.Reason = outcome.Reason;
            entry.EndPositions.Add(outcome.EndPositions.Select(ToProto));
        }

        if (read.Refused is { } refused)
        {
            entry.Action = AuditedRead.RefusedAction;
            entry.RefusedAction = refused.Action;
            entry.Resource = NameOf(refused.Resource);
            entry.Purpose = refused.Purpose;
            entry.Fields.Add(refused.Fields);
            entry.EndTime = entry.StartTime;
            entry.Outcome = refused.Status;
            entry.Reason = refused.Reason;
        }

        return entry;
    }

    private static Proto.PartitionPosition ToProto(PartitionPosition stored) => new() { Partition = stored.Partition, Position = stored.Position };

    private static string NameOf(string resource) => resource.Length is 0 ? "" : ResourceMap.NameOf(new(resource));
}
