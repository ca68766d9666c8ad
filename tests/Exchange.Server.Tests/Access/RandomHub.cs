using Exchange.Catalog;
using Exchange.Policy.Masks;
using Exchange.Protos.V1;
using Exchange.Server.Feed;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;
using Exchange.Server.Tests.Records;
using Exchange.Testing.Access;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Caller = Exchange.Catalog.Caller;
using PolicyAction = Exchange.Catalog.PolicyAction;
using Purpose = Exchange.Catalog.Purpose;
using Record = Exchange.Protos.V1.Record;
using Role = Exchange.Catalog.Role;

namespace Exchange.Server.Tests.Access;

/// <summary>A running hub that a random city is in: what is decided in the city happens in the hub, through its log, and records are pushed to it.</summary>
internal sealed class RandomHub : IAsyncDisposable
{
    /// <summary>What a reader may know of each record it sees.</summary>
    public sealed class Seen : Dictionary<Guid, Dictionary<string, Value>>;

    private const int Records = 60;

    /// <summary>Filters that readers ask for, with the same meaning written out by hand.</summary>
    private static readonly (string Text, Func<CityRow, bool> Holds)[] Filters =
    [
        ("", _ => true),
        ("severity > 1", row => row.Severity > 1),
        ("NOT confidential = true", row => !row.IsConfidential),
        ("responsible = \"dep-b\" OR opener_department = \"dep-c\"", row => row["responsible"] == "dep-b" || row.Opener == "dep-c"),
        ("NOT severity:*", row => row.Severity is null),
    ];

    private readonly RandomCity _city;
    private readonly CityHub _hub;
    private readonly Random _random;
    private int _happened;

    private RandomHub(int seed)
    {
        (_city, _random) = (new RandomCity(seed, DateTimeOffset.UtcNow), new Random(seed));

        // Every other hub keeps hardly a record while it looks at a page of the log.
        _hub = new CityHub
        {
            IsEmpty = true,
            Settings = new TestHubSettings { Add = services => services.AddSingleton(new FeedOptions { MaxHistoryBytes = seed % 2 is 0 ? 500 : 4 << 20 }) },
        };
    }

    public ResourceDefinition Definition => _city.Definition;

    public static async Task<RandomHub> StartAsync(int seed)
    {
        var hub = new RandomHub(seed);
        await hub._hub.InitializeAsync();
        await hub._hub.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(hub.Definition, CancellationToken.None);
        await hub.ChangeAsync(0);
        foreach (var department in RandomCity.Departments)
        {
            await hub._hub.RegisterAsync(CallerOf(department));
        }

        return hub;
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    public override string ToString() => $"hub {_city.Seed}";

    /// <summary>Changes sharing lists, grants and policy rows.</summary>
    public async Task ChangeAsync(int changes)
    {
        for (var change = 0; change < changes; change++)
        {
            _city.Change();
        }

        for (; _happened < _city.Events.Count; _happened++)
        {
            await _hub.HappenAsync(_city.Events[_happened]);
        }
    }

    /// <summary>Pushes batches of random changes: new records, changes, removals, proposals.</summary>
    public async Task PushAsync(int seed, int batches)
    {
        var random = new Random(seed);
        for (var batch = 0; batch < batches; batch++)
        {
            var department = RandomCity.Departments[random.Next(RandomCity.Departments.Length)];
            var fields = Definition.Fields.Where(_ => random.Next(3) is not 0).DefaultIfEmpty(Definition.Fields[0]).ToList();
            var header = _hub.Header(CallerOf(department), [.. fields.Select(field => field.Name)]);
            header.UnownedFields = UnownedFields.Propose;
            await _hub.PushAsync(CallerOf(department), header, [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Pushed(random, department, fields))]);
        }
    }

    /// <summary>Every department with every purpose, and some with fields and a filter of their own.</summary>
    public IEnumerable<RandomReader> Readers(int more)
    {
        var whole = RandomCity.Departments.SelectMany(department => RandomCity.Purposes.Select(purpose => new RandomReader(department, purpose, [], "", _ => true)));
        return whole.Concat(Enumerable.Range(0, more).Select(_ => Pick(Filters) is var filter
            ? new RandomReader(
                Pick(RandomCity.Departments), Pick(RandomCity.Purposes), [.. Definition.Fields.Where(_ => _random.Next(3) is 0).Select(field => field.Name)], filter.Text, filter.Holds)
            : null!));
    }

    /// <summary>All records as they stand in the database.</summary>
    public async Task<List<(Guid Id, CityRow Row)>> RowsAsync()
    {
        var table = SubjectTable.Of(Definition);
        var sql = new SubjectSql().Append($"SELECT record_id, opener_department");
        foreach (var column in table.Columns)
        {
            sql.Append($", {column.Name}");
            _ = column.Second is { } second ? sql.Append($", {second}") : sql;
        }

        sql.Append($" FROM {SubjectTable.Schema}.{table.Name}");
        await using var connection = await _hub.Database.OpenConnectionAsync();
        await using var command = sql.ToCommand(connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<(Guid, CityRow)> rows = [];
        while (await reader.ReadAsync())
        {
            var ordinal = 2;
            var values = table.Columns.Select(column =>
            {
                var value = SubjectReader.Read(reader, ordinal, column);
                ordinal += column.Width;
                return value;
            }).ToArray();
            rows.Add((reader.GetGuid(0), new CityRow(Definition, values, reader.GetString(1))));
        }

        return rows;
    }

    /// <summary>The interpreter's rules for a reader.</summary>
    public AccessInterpreter Interpreter(RandomReader reader, PolicyAction action, Mistake mistake = Mistake.None) =>
        new(_city.State, reader.Department, action, reader.Purpose, DateTimeOffset.UtcNow, mistake, "127.0.0.1");

    /// <summary>What the rules show the reader of these records.</summary>
    public Seen Interpret(RandomReader reader, PolicyAction action, IEnumerable<(Guid Id, CityRow Row)> rows, Mistake mistake = Mistake.None)
    {
        var interpreter = Interpreter(reader, action, mistake);
        var seen = new Seen();
        foreach (var (id, row) in rows)
        {
            var masks = Definition.Fields.Select(field => (Field: field, Mask: interpreter.See(field, row))).Where(field => field.Mask is not null).ToList();
            if (masks.Count > 0 && reader.Holds(row))
            {
                seen.Add(id, masks.Where(field => reader.Wants(field.Field.Name))
                    .Select(field => (field.Field.Name, Value: MaskRules.Compile(field.Mask!.Value, field.Field.Type)(row.Get(field.Field.Number))))
                    .Where(field => !field.Value.IsMissing)
                    .ToDictionary(field => field.Name, field => ValueMap.ToProto(field.Value)));
            }
        }

        return seen;
    }

    /// <summary>What a pull shows the reader, and from where to follow; throws when the hub refuses it.</summary>
    public async Task<(Seen Seen, string Checkpoint)> PullAsync(RandomReader reader)
    {
        var request = new PullRequest { Resource = "resources/complaint", Purpose = (Protos.V1.Purpose)reader.Purpose, Filter = reader.Filter, Fields = { reader.Fields } };
        using var call = _hub.RecordsOf(CallerOf(reader.Department)).Pull(request);
        var (seen, start) = (new Seen(), new PullStart());
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            start = message.Start ?? start;
            foreach (var row in message.Batch?.Rows ?? [])
            {
                seen.Add(
                    new Guid(row.RecordId.Span, bigEndian: true),
                    row.Values.Index().Where(value => value.Item.KindCase is not Value.KindOneofCase.None).ToDictionary(value => start.Columns[value.Index].Field, value => value.Item));
            }
        }

        return (seen, start.Checkpoint);
    }

    /// <summary>What the reader sees of one record; throws when the hub refuses it.</summary>
    public async Task<Seen> GetAsync(RandomReader reader, Guid id)
    {
        var record = await GetAsync(reader, id, null);
        return new Seen { [id] = record.Values.ToDictionary(value => value.Field, value => value.Value) };
    }

    /// <summary>The reader's answer for one record, now or as of a position of its partition; throws when the hub refuses it.</summary>
    public async Task<Record> GetAsync(RandomReader reader, Guid id, long? position)
    {
        var request = new GetRecordRequest { Name = $"resources/complaint/records/{id}", Purpose = (Protos.V1.Purpose)reader.Purpose, Fields = { reader.Fields } };
        _ = position is { } given ? request.Position = given : 0;
        return await _hub.RecordsOf(CallerOf(reader.Department)).GetRecordAsync(request);
    }

    /// <summary>Last position of each record's partition.</summary>
    public async Task<List<(Guid Id, long Position)>> LastPositionsAsync()
    {
        var (heads, partitions) = (await HeadsAsync(), _hub.Log.Partitions);
        return [.. (await RowsAsync()).Select(row => (row.Id, heads[partitions.ForRecord(row.Id)]))];
    }

    /// <summary>Begins to follow, from a checkpoint or from the beginning.</summary>
    public Task<Feed.Follower> FollowAsync(RandomReader reader, string? checkpoint = null)
    {
        var request = new FollowRequest { Resource = "resources/complaint", Purpose = (Protos.V1.Purpose)reader.Purpose, Filter = reader.Filter, Fields = { reader.Fields } };
        _ = checkpoint is null ? request.Beginning = true : (request.Checkpoint = checkpoint) is not null;
        return Feed.Follower.BeginAsync(_hub.FeedOf(CallerOf(reader.Department)), request);
    }

    /// <summary>Heads of the record partitions now.</summary>
    public Task<IReadOnlyDictionary<int, long>> HeadsAsync() => _hub.HeadsAsync();

    private static Caller CallerOf(DepartmentId department) => new(department, new ClientId($"{department}-system"), Role.DepartmentSystem);

    private static PushedRecord Pushed(Random random, DepartmentId department, List<FieldDefinition> fields)
    {
        var number = random.Next(Records);
        var opener = RandomCity.Departments[number % RandomCity.Departments.Length];
        var record = new PushedRecord
        {
            Values =
            {
                fields.Select(field => random.Next(8) switch
                {
                    0 => new Value(),
                    1 => new Value { Clear = true },
                    _ => ValueMap.ToProto(RandomCity.Value(field, random)),
                }),
            },
        };
        if (opener == department)
        {
            record.SourceId = $"{number}";
        }
        else
        {
            record.OpenedAs = new SourceReference { SourceSystem = $"{opener}-desk", SourceId = $"{number}" };
        }

        return record;
    }

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];
}

/// <summary>Who reads what; without fields all that it may.</summary>
internal sealed record RandomReader(DepartmentId Department, Purpose Purpose, string[] Fields, string Filter, Func<CityRow, bool> Holds)
{
    public bool Wants(string field) => Fields.Length is 0 || Fields.Contains(field);

    public override string ToString() => $"{Department} for {Purpose}, [{string.Join(' ', Fields)}] where `{Filter}`";
}
