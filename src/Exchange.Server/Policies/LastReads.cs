using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Policies;
using Exchange.Server.Access;
using Exchange.Server.Audit;
using Exchange.Server.Catalog;
using Exchange.Server.Departments;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Tells which of the last days' audited reads a simulated change would have answered otherwise, as far as the asker may see those.</summary>
internal sealed class LastReads(AuditTrail trail)
{
    private const int MostReads = 20_000;
    private const int MostEvents = 200_000;
    private const int PageReads = 5_000;
    private const int MostShown = 200;
    private const int MostShownBytes = 512 * 1024;

    private static readonly TimeSpan Reach = TimeSpan.FromDays(7);

    /// <summary>Adds the reads to the answer.</summary>
    /// <param name="simulation">The change.</param>
    /// <param name="caller">Who asks: a steward is told of other departments' reads only what concerns its own department's fields.</param>
    /// <param name="state">Governance of today.</param>
    /// <param name="now">When it asks.</param>
    /// <param name="response">The answer.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task AddAsync(
        PolicySimulation simulation, Caller caller, GovernanceState state, DateTimeOffset now, Proto.SimulateResponse response, CancellationToken cancellationToken)
    {
        var query = new AuditQuery { StartTime = now - Reach, Viewer = caller.Role is Role.Steward ? state.Departments[caller.Department.Value] : null };
        var groups = new ReadGroups();
        response.ReadsStartTime = Timestamp.FromDateTimeOffset(now - Reach);
        if (simulation.PlanCount > 0)
        {
            await GatherAsync(query, simulation, state, groups, response, cancellationToken);
        }

        var bytes = 0;
        var changes = simulation.CompareReads(groups.Groups, cancellationToken);
        response.ReadChangeCount = changes.Length;
        response.ReadChanges.AddRange(changes.Take(MostShown).Select(ToProto).TakeWhile(change => (bytes += change.CalculateSize()) < MostShownBytes));
    }

    private async Task GatherAsync(
        AuditQuery query, PolicySimulation simulation, GovernanceState state, ReadGroups groups, Proto.SimulateResponse response, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<int, long> before = new Dictionary<int, long>();
        for (var events = 0; ;)
        {
            var page = await trail.ReadAsync(before, query, state, PageReads, cancellationToken);
            foreach (var read in page.Reads)
            {
                if (GroupOf(read) is not { } group || !simulation.Concerns(group.Department, group.Resource, group.Purpose))
                {
                    continue;
                }

                if (response.ReadsConsidered >= MostReads || !groups.Add(group, read.Stored.RecordedAt))
                {
                    (response.ReadsTruncated, response.ReadsStartTime) = (true, Timestamp.FromDateTimeOffset(read.Stored.RecordedAt));
                    return;
                }

                response.ReadsConsidered++;
            }

            if (page.Before is null)
            {
                return;
            }

            (before, events) = (page.Before, events + page.Events);
            if (events >= MostEvents)
            {
                (response.ReadsTruncated, response.ReadsStartTime) = (true, Timestamp.FromDateTimeOffset(page.Oldest!.Value));
                return;
            }
        }
    }

    // Null for what no plan of records answered: plans shown and explained, and refusals for other reasons than fields.
    private static ReadGroup? GroupOf(AuditedRead read)
    {
        var action = (read.Intent?.Action ?? read.Refused!.Action) switch
        {
            ReadActions.Pull => PlanAction.Pull,
            ReadActions.Follow => PlanAction.Follow,
            ReadActions.Get => PlanAction.Get,
            ReadActions.History => PlanAction.History,
            _ => PlanAction.Unspecified,
        };
        if (action is PlanAction.Unspecified || read.Resource.Length is 0 || (read.Refused is { } refused && refused.Reason != ReadReasons.ReadDenied.Code))
        {
            return null;
        }

        return new ReadGroup
        {
            Department = new DepartmentId(read.Stored.Caller),
            Resource = new ResourceId(read.Resource),
            Action = action,
            Purpose = (Purpose)read.Purpose,
            Fields = [.. read.Fields],
            IsRefused = read.Refused is not null,
            IsOwnerView = read.IsOwnerView,
        };
    }

    private static Proto.ReadChange ToProto(ReadChange change) => new()
    {
        Department = DepartmentMap.NameOf(change.Group.Department),
        Resource = ResourceMap.NameOf(change.Group.Resource),
        Action = change.Group.Action switch
        {
            PlanAction.Pull => ReadActions.Pull,
            PlanAction.Follow => ReadActions.Follow,
            PlanAction.Get => ReadActions.Get,
            _ => ReadActions.History,
        },
        Purpose = (Proto.Purpose)change.Group.Purpose,
        Fields = { change.Group.Fields },
        Refused = change.Group.IsRefused,
        ReadCount = change.Group.Count,
        FirstTime = Timestamp.FromDateTimeOffset(change.Group.FirstTime),
        LastTime = Timestamp.FromDateTimeOffset(change.Group.LastTime),
        LostFields = { change.Lost },
        GainedFields = { change.Gained },
        MaskedFields = { change.Masked },
        RowFields = { change.OtherRows },
        WouldBeRefused = change.WouldBeRefused,
        RecordsChange = change.RecordsChange,
        OwnerView = change.Group.IsOwnerView,
    };
}
