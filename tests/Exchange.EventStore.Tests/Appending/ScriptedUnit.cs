using Exchange.EventStore.Appending;

namespace Exchange.EventStore.Tests.Appending;

/// <summary>A unit whose decision, reads and writes are what the test says.</summary>
public sealed class ScriptedUnit(int partition, IReadOnlyCollection<Guid> versioned, IReadOnlyCollection<Guid> sealedStreams) : AppendUnit(partition)
{
    private static readonly ScriptedHandler Shared = new();

    public ScriptedUnit(int partition, params IReadOnlyCollection<Guid> versioned)
        : this(partition, versioned, [])
    {
    }

    public Action<AppendContext> Decision { get; init; } = _ => { };

    public Action<ReadBatch> Reads { get; init; } = _ => { };

    public Action<WriteBatch> Writes { get; init; } = _ => { };

    public override IAppendHandler Handler => Shared;

    public override IReadOnlyCollection<Guid> VersionedStreams => versioned;

    public override IReadOnlyCollection<Guid> SealedStreams => sealedStreams;

    private sealed class ScriptedHandler : IAppendHandler
    {
        public IAppendParticipant Join(IReadOnlyList<AppendUnit> units) => new Participant(units);
    }

    private sealed class Participant(IReadOnlyList<AppendUnit> units) : IAppendParticipant
    {
        private readonly HashSet<AppendUnit> decided = [];

        public void AddReads(ReadBatch batch)
        {
            foreach (var unit in units)
            {
                ((ScriptedUnit)unit).Reads(batch);
            }
        }

        public void Decide(AppendUnit unit, AppendContext context)
        {
            ((ScriptedUnit)unit).Decision(context);
            decided.Add(unit);
        }

        public void AddWrites(WriteBatch batch)
        {
            foreach (var unit in units.Where(decided.Contains))
            {
                ((ScriptedUnit)unit).Writes(batch);
            }
        }
    }
}
