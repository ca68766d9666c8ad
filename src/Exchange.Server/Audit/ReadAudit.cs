using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Exchange.Catalog;
using Exchange.EventStore.Appending;
using Exchange.EventStore;
using Exchange.Protos.Stored.V1;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Google.Protobuf.WellKnownTypes;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>The audit trail in the log's audit partitions: each read is a stream of its own.</summary>
internal sealed partial class ReadAudit(EventLog log, TokenSeal seal, ILogger<ReadAudit> logger) : IReadAudit
{
    private const long FirstVersion = 1;
    private const long OutcomeVersion = 2;

    /// <summary>gRPC statuses as the trail names them: RESOURCE_EXHAUSTED.</summary>
    public static readonly FrozenDictionary<StatusCode, string> StatusNames = System.Enum.GetValues<StatusCode>().ToFrozenDictionary(status => status, NameOf);

    private static readonly RefusalReason NotAudited = new("AUDIT_UNAVAILABLE", RefusalKind.Unavailable);

    /// <inheritdoc/>
    public async Task<Result<ReadAuditScope>> BeginAsync(ReadIntent intent, CancellationToken cancellationToken)
    {
        var stream = Guid.CreateVersion7();
        var intended = new ReadIntended
        {
            Action = intent.Action,
            Resource = intent.Resource,
            Purpose = (int)intent.Purpose,
            Fields = { intent.Fields },
            MaskedFields = { intent.MaskedFields },
            FilterFingerprint = seal.Fingerprint(intent.Filter),
            Record = intent.Record?.ToString() ?? "",
            ExplainedDepartment = intent.ExplainedDepartment?.Value ?? "",
            OrderBy = intent.OrderBy,
            AsOfPosition = intent.AsOfPosition ?? 0,
            AsOfTime = Timestamps.Write(intent.AsOfTime),
            BeginPositions = { ToStored(intent.Positions) },
            Masks = { intent.Masks.Select(field => new FieldMasks { Field = field.Field, Kinds = { field.Masks.Select(mask => (int)mask.Kind) } }) },
        };
        var appended = await AppendAsync(intent, stream, FirstVersion, AuditEventTypes.ReadIntended, intended, cancellationToken);
        return appended.Refusal is { } refusal
            ? new Refusal(NotAudited, $"the read cannot be audited now, so it does not happen: {refusal.Message}")
            : new ReadAuditScope(outcome => CompleteAsync(intent, stream, outcome));
    }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "the caller gets its refusal whether or not the trail can be written; what broke is logged")]
    public async Task RefusedAsync(ReadIntent intent, RefusalReason reason, CancellationToken cancellationToken)
    {
        var refused = new ReadRefused
        {
            Action = intent.Action,
            Resource = intent.Resource,
            Purpose = (int)intent.Purpose,
            Reason = reason.Code,
            Fields = { intent.Fields },
            Status = StatusNames[reason.Kind.ToStatusCode()],
        };
        try
        {
            var appended = await AppendAsync(intent, Guid.CreateVersion7(), FirstVersion, AuditEventTypes.ReadRefused, refused, cancellationToken);
            if (appended.Refusal is { } refusal)
            {
                Log.NotWritten(logger, intent.Action, refusal.Reason.ToString());
            }
        }
        catch (Exception e)
        {
            Log.NotWrittenFault(logger, e, intent.Action);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "the rows have left: what broke is logged, and the trail shows an intent without outcome")]
    private async Task CompleteAsync(ReadIntent intent, Guid stream, ReadOutcome outcome)
    {
        var completed = new ReadCompleted
        {
            Rows = outcome.Rows,
            Status = StatusNames[outcome.Status],
            Reason = outcome.Reason,
            EndPositions = { ToStored(outcome.Positions) },
            TellsOwners = outcome.Owners is not null,
            Owners = { (outcome.Owners ?? []).Select(rows => new Protos.Stored.V1.OwnerRows { Department = rows.Department.Value, Rows = rows.Rows, By = { rows.By } }) },
        };
        try
        {
            // The caller may be gone: the outcome is written all the same.
            var appended = await AppendAsync(intent, stream, OutcomeVersion, AuditEventTypes.ReadCompleted, completed, CancellationToken.None);
            if (appended.Refusal is { } refusal)
            {
                Log.NotWritten(logger, intent.Action, refusal.Reason.ToString());
            }
        }
        catch (Exception e)
        {
            Log.NotWrittenFault(logger, e, intent.Action);
        }
    }

    private Task<AppendResult> AppendAsync(ReadIntent intent, Guid stream, long version, string type, IMessage payload, CancellationToken cancellationToken) =>
        log.AppendAsync(
            new AppendSubmission
            {
                Units =
                [
                    new ReadAuditUnit(log.Partitions.ForAudit(stream), stream, version, type, payload.ToByteArray())
                    {
                        Caller = intent.Caller.Department.Value,
                        Client = intent.Caller.Client.Value,
                        GovernancePosition = intent.GovernancePosition,
                    },
                ],
            },
            cancellationToken);

    private static IEnumerable<PartitionPosition> ToStored(IReadOnlyDictionary<int, long> positions) =>
        positions.OrderBy(item => item.Key).Select(item => new PartitionPosition { Partition = item.Key, Position = item.Value });

    // RESOURCE_EXHAUSTED, as gRPC writes its statuses.
    private static string NameOf(StatusCode status) =>
        string.Concat(status.ToString().Select((letter, index) =>
            index > 0 && char.IsUpper(letter) && status is not StatusCode.OK
                ? $"_{letter}"
                : letter.ToString(CultureInfo.InvariantCulture).ToUpperInvariant()));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "the audit entry of a {Action} could not be written: {Reason}")]
        public static partial void NotWritten(ILogger logger, string action, string reason);

        [LoggerMessage(2, LogLevel.Error, "the audit entry of a {Action} could not be written")]
        public static partial void NotWrittenFault(ILogger logger, Exception exception, string action);
    }
}
