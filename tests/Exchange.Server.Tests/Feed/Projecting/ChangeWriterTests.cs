using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Protos.Stored.V1;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Exchange.Server.Tests.Records;
using Exchange.Server.Tests.Records.Subjects;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Caller = Exchange.Catalog.Caller;
using FieldType = Exchange.Policy.Conditions.FieldType;
using Purpose = Exchange.Catalog.Purpose;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Feed;

public sealed class ChangeWriterTests
{
    private const int Unlimited = int.MaxValue;

    [Fact]
    public void Changes_of_random_events_are_byte_for_byte_those_made_from_messages()
    {
        var random = new RandomRows(21);
        var dice = new Random(22);
        var (told, seen) = (0, 0);
        foreach (var view in Views())
        {
            var (sight, writer) = (new EventSight(view), new ChangeWriter(view, Unlimited));
            for (var round = 0; round < 400; round++)
            {
                var stored = Event(random, dice, view, version: 1 + (round % 2));
                var buffer = new WireBuffer();
                var looked = sight.Look(stored);
                if (looked is Sight.Told)
                {
                    told++;
                    writer.Write(buffer, sight, fold: null);
                }

                var expected = looked is Sight.Untold ? null : Expected(view, RecordEvent.Parse(stored)!);
                seen += expected is null ? 0 : 1;
                Assert.Equal(expected is null ? [] : new FeedBatch { Changes = { expected } }.ToByteArray(), buffer.Written.ToArray());
            }
        }

        Assert.InRange(told, 1_000, int.MaxValue);
        Assert.InRange(seen, 1_000, told);
    }

    [Fact]
    public void The_longest_values_of_a_change_that_is_too_large_are_left_out_and_named()
    {
        var view = Views()[0];
        var lengths = new[] { 3_000, 5_000, 200, 5_000 };
        int[] numbers = [1, 5, 6, 13];
        var pushed = new FieldsPushed
        {
            Resource = "complaint",
            Opener = "centre",
            Changes =
            {
                lengths.Select((length, index) => new FieldChange { Number = numbers[index], Value = new Value { Text = new string('x', length) } }),
            },
        };
        var (sight, buffer) = (new EventSight(view), new WireBuffer());
        Assert.Equal(Sight.Told, sight.Look(Stored(RecordEventTypes.FieldsPushed, pushed.ToByteArray(), 1)));

        new ChangeWriter(view, 4_000).Write(buffer, sight, fold: null);

        var change = Assert.Single(FeedBatch.Parser.ParseFrom(buffer.Written).Changes);
        Assert.Equal([5, 13], change.OmittedColumns.Select(column => view.Plan.Plan.Fields[view.Fields[column]].Field.Number));
        Assert.Equal([3_000, 200], change.Values.Select(value => value.Text.Length));
        Assert.Equal([1, 6], change.Columns.Select(column => view.Plan.Plan.Fields[view.Fields[column]].Field.Number));
        Assert.InRange(change.CalculateSize(), 3_000, 4_000);
    }

    private static FeedView[] Views()
    {
        var state = City.State.With(
            new GovernanceEvent.GrantIssued(City.GrantTo(City.Grid, City.Centre, "grid", "content", "phone", "result")),
            new GovernanceEvent.GrantIssued(City.GrantTo(City.Archive, City.Centre, "archive", "result") with { RowFilter = "calls > 1" }));
        return
        [
            ViewOf(state, City.Archive, Condition.Always),
            ViewOf(state, City.Grid, Condition.Always),
            ViewOf(state, City.Housing, Condition.Always),
            ViewOf(state, City.Archive, new Condition.Compare(new AttributeRef("calls", 13, FieldType.Integer), CompareOp.Greater, FieldValue.Integer(0))),
        ];
    }

    private static FeedView ViewOf(GovernanceState state, Caller caller, Condition filter)
    {
        var plan = AccessPlanCompiler.Compile(state, caller, City.Complaint, PlanAction.Follow, Purpose.Regulation, state.Position, DateTimeOffset.UtcNow).Value;
        return new FeedView(
            new ReadPlan(plan, new byte[32]), [.. plan.Fields.Index().Where(field => !field.Item.IsDenied).Select(field => field.Index)], filter);
    }

    private static StoredEvent Event(RandomRows random, Random dice, FeedView view, long version)
    {
        var pushed = new FieldsPushed
        {
            Resource = dice.Next(20) is 0 ? "permit" : "complaint",
            Opener = dice.Next(2) is 0 ? "centre" : "housing",
            OpenedSourceSystem = version is 1 ? "forum" : "",
            OpenedSourceId = version is 1 ? "F-1" : "",
            SourceSystem = "forum",
            Changes = { City.Fields.Where(_ => dice.Next(2) is 0).Select(field => ChangeOf(random, dice, field.Number)).OrderBy(_ => dice.Next()) },
        };
        if (version > 1)
        {
            pushed.Before.Add(view.ConditionNumbers.Where(number => number > 0).Select(number => ChangeOf(random, dice, number)));
            pushed.After.Add(view.ConditionNumbers.Where(number => number > 0).Select(number => ChangeOf(random, dice, number)));
        }

        return Stored(RecordEventTypes.FieldsPushed, pushed.ToByteArray(), version);
    }

    private static FieldChange ChangeOf(RandomRows random, Random dice, int number) => new()
    {
        Number = number,
        Value = dice.Next(5) is 0 ? new Value() : ValueMap.ToProto(random.Value(City.Fields.Single(field => field.Number == number).Type)),
    };

    private static StoredEvent Stored(string type, byte[] payload, long version) => new()
    {
        Partition = 8,
        Position = 3,
        StreamId = Guid.NewGuid(),
        Version = version,
        Type = type,
        Payload = payload,
        Caller = "centre",
        Client = "centre-desk",
        GovernancePosition = 1,
        RecordedAt = DateTimeOffset.UnixEpoch.AddTicks(17_000_000_000_000_010),
    };

    private static Change? Expected(FeedView view, RecordEvent recordEvent)
    {
        var plan = view.Plan.Plan;
        var before = recordEvent.Stored.Version is 1 ? null : Decide(view, recordEvent, recordEvent.Before);
        var after = Decide(view, recordEvent, recordEvent.Stored.Version is 1 ? recordEvent.Changes : recordEvent.After);
        if (recordEvent.Resource != "complaint" || (before is null && after is null))
        {
            return null;
        }

        var stored = recordEvent.Stored;
        var change = new Change
        {
            RecordId = ByteString.CopyFrom(stored.StreamId.ToByteArray(bigEndian: true)),
            Kind = after is null ? ChangeKind.Withdrawn : before is null ? ChangeKind.Entered : ChangeKind.Changed,
            Partition = stored.Partition,
            Position = stored.Position,
            Version = stored.Version,
            RecordTime = Timestamp.FromDateTimeOffset(stored.RecordedAt),
            Department = stored.Caller,
        };
        foreach (var (column, index) in after is null ? [] : view.Fields.Index())
        {
            var written = recordEvent.Changes.Where(item => item.Number == plan.Fields[index].Field.Number).ToArray();
            var shown = after![index] is PlanEvaluator.Denied || written.Length is 0 ? default : view.Plan.Masks.Show(index, after[index], written[0].Value);
            if (after[index] is PlanEvaluator.Denied)
            {
                if (before is not null && before[index] is not PlanEvaluator.Denied)
                {
                    change.WithdrawnColumns.Add(column);
                }
            }
            else if (before is null ? !shown.IsMissing : written.Length > 0 || view.IsNewlyShown(index, before[index], after[index]))
            {
                change.Columns.Add(column);
                change.Values.Add(ValueMap.ToProto(shown));
            }
        }

        return change is { Kind: ChangeKind.Changed, Columns.Count: 0, WithdrawnColumns.Count: 0 } ? null : change;
    }

    private static short[]? Decide(FeedView view, RecordEvent recordEvent, ImmutableArray<FieldVersion> values)
    {
        var rules = new short[view.Plan.Plan.Fields.Length];
        return view.TryDecide(new Row(recordEvent, values), rules) ? rules : null;
    }

    private readonly struct Row(RecordEvent recordEvent, ImmutableArray<FieldVersion> values) : IRow
    {
        public FieldValue Get(int number) =>
            number == SystemAttributes.Opener.Number ? FieldValue.Text(recordEvent.Opener) : values.FirstOrDefault(value => value.Number == number).Value;
    }
}
