using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Records;
using Caller = Exchange.Catalog.Caller;
using FieldDefinition = Exchange.Catalog.FieldDefinition;
using Level = Exchange.Catalog.Level;
using Mask = Exchange.Policy.Masks.Mask;
using MaskKind = Exchange.Policy.Masks.MaskKind;
using SharingClass = Exchange.Catalog.SharingClass;
using SharingEntry = Exchange.Catalog.SharingEntry;
using SharingList = Exchange.Catalog.SharingList;

namespace Exchange.Server.Tests.Feed;

/// <summary>Rights, records and readers made up from a seed. Values are few, so that they often come again.</summary>
internal sealed class RandomCity(CityHub city, int seed)
{
    private const int Records = 25;

    private static readonly string[] RowFilters =
        ["", "", "calls > 3", "responsible = \"traffic\"", "NOT confidential = true", "fee >= 2.5", "opener_department = \"grid\" OR calls < 2", "NOT status = \"done\""];

    private static readonly string[] Filters =
    [
        "", "", "calls > 2", "responsible = \"housing\"", "NOT confidential = true", "opener_department = \"centre\"", "tags : \"a\"", "due >= 2024-01-05",
        "fee < 5.5 OR calls = 1", "status = \"open\"", "title:*", "NOT result:*", "source_system = \"grid-desk\" AND calls != 3", "content:*", "place:*",
    ];

    private static readonly Mask[] TextMasks = [default, default, Mask.None, Mask.Null, new(MaskKind.Redact), new(MaskKind.ShowFirstN, 2), new(MaskKind.ShowLastN, 3)];

    private readonly Random random = new(seed);

    /// <summary>Writes sharing lists and grants.</summary>
    public async Task DecideAsync()
    {
        foreach (var owner in new[] { City.Centre, City.Grid, City.Housing, City.Traffic })
        {
            var entries = City.Fields.Where(field => !field.Retired && random.Next(3) is 0).Select(field => Entry(owner, field)).ToList();
            if (entries.Count > 0)
            {
                await city.HappenAsync(new GovernanceEvent.SharingListChanged(
                    new SharingList { Department = owner.Department, Resource = City.Complaint, Entries = [.. entries], Revision = 1 }));
            }
        }

        foreach (var number in Enumerable.Range(1, random.Next(2, 6)))
        {
            var owner = Pick(City.Centre, City.Grid, City.Housing);
            var fields = City.Fields.Where(field => !field.Retired && random.Next(3) is 0).Select(field => field.Name).DefaultIfEmpty("content").ToArray();
            var texts = fields.All(name => City.Fields.Single(field => field.Name == name).Type is Policy.Conditions.FieldType.Text);
            await city.HappenAsync(new GovernanceEvent.GrantIssued(City.GrantTo(Pick(City.Archive, City.Traffic), owner, $"random-{seed}-{number}", fields) with
            {
                RowFilter = Pick(RowFilters),
                Mask = texts ? Pick(TextMasks) : default,
            }));
        }
    }

    /// <summary>Pushes some batches of random changes: new records, changes, removals, proposals.</summary>
    public async Task PushAsync(int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            var caller = Pick(City.Centre, City.Centre, City.Grid, City.Housing, City.Traffic);
            var fields = City.Fields.Where(field => !field.Retired && field.Name is not "title" && random.Next(3) is 0).Prepend(City.Fields[0]).ToList();
            var header = city.Header(caller, [.. fields.Select(field => field.Name)]);
            header.UnownedFields = UnownedFields.Propose;
            await city.PushAsync(caller, header, [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => PushedRecord(caller, fields))]);
        }
    }

    /// <summary>A reader with fields and a filter that it may ask for.</summary>
    public (Caller Caller, string[] Fields, string Filter) Reader()
    {
        var fields = City.Fields.Where(field => !field.Retired && random.Next(2) is 0).Select(field => field.Name).ToArray();
        return (Pick(City.Archive, City.Archive, City.Traffic, City.Housing, City.Centre), random.Next(3) is 0 ? [] : fields, Pick(Filters));
    }

    public T Pick<T>(params T[] items) => items[random.Next(items.Length)];

    private SharingEntry Entry(Caller owner, FieldDefinition field)
    {
        var entry = city.State.SharingOf(owner.Department, City.Complaint, field);
        return entry with
        {
            SharingClass = Pick(SharingClass.Unconditional, SharingClass.Unconditional, SharingClass.Conditional, SharingClass.NotShared),
            Mask = field.Type is Policy.Conditions.FieldType.Text ? Pick(TextMasks) : Pick(entry.Mask, Mask.Null),
            Level = Pick(Level.Public, Level.Internal, Level.Sensitive),
        };
    }

    private PushedRecord PushedRecord(Caller caller, List<FieldDefinition> fields)
    {
        var number = random.Next(Records);
        var opener = number % 3 is 0 ? City.Grid : City.Centre;
        var record = new PushedRecord { Values = { fields.Select(Value) } };
        if (caller == opener)
        {
            record.SourceId = $"{seed}-{number}";
        }
        else
        {
            record.OpenedAs = new SourceReference { SourceSystem = opener.Department.Value + "-desk", SourceId = $"{seed}-{number}" };
        }

        return record;
    }

    private Value Value(FieldDefinition field)
    {
        if (random.Next(6) is 0)
        {
            return new Value();
        }

        if (random.Next(6) is 0 && !field.Required)
        {
            return new Value { Clear = true };
        }

        return field.Name switch
        {
            "responsible" => new Value { Code = Pick("housing", "traffic") },
            "status" => new Value { Code = Pick("open", "done") },
            _ => field.Type switch
            {
                Policy.Conditions.FieldType.Boolean => new Value { Boolean = random.Next(2) is 0 },
                Policy.Conditions.FieldType.Integer => new Value { Integer = random.Next(6) },
                Policy.Conditions.FieldType.Decimal => new Value { Decimal = Pick("0.5", "2.5", "2.50", "7") },
                Policy.Conditions.FieldType.Date => new Value { Date = 19_720 + random.Next(10) },
                Policy.Conditions.FieldType.Timestamp => new Value { Timestamp = new() { Seconds = 1_700_000_000 + random.Next(5), Nanos = random.Next(3) * 1000 } },
                Policy.Conditions.FieldType.TextList => new Value { TextList = new TextList { Values = { Pick("a", "b"), Pick("c", "d") } } },
                Policy.Conditions.FieldType.Point => new Value { Point = new Point { Latitude = 30 + random.Next(3) * 0.001, Longitude = 120 } },
                _ => new Value { Text = Pick("Leaking pipe", "Noise at night", "路灯不亮", "13800001111", "x") },
            },
        };
    }
}
