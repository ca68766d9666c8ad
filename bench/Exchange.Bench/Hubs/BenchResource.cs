using System.Globalization;
using Exchange.Protos.V1;

namespace Exchange.Bench.Hubs;

/// <summary>A made resource of 20 fields: ten texts, four timestamps, three integers, a boolean, a date and a point; two of them are masked for readers.</summary>
/// <param name="Id">Its id, and its table's name in schema <c>subject</c>.</param>
public sealed record BenchResource(string Id)
{
    /// <summary>First field: which of ten districts, in turn.</summary>
    public const string District = "text_1";

    /// <summary>Second field: a few Chinese words.</summary>
    public const string Words = "text_2";

    private static readonly FieldType[] Types =
    [
        .. Enumerable.Repeat(FieldType.Text, 10), .. Enumerable.Repeat(FieldType.Timestamp, 4), .. Enumerable.Repeat(FieldType.Integer, 3), FieldType.Boolean,
        FieldType.Date, FieldType.Point,
    ];

    /// <summary>Names of the fields, in the order of each record's values.</summary>
    public static IReadOnlyList<string> Fields { get; } =
        [.. Types.Select((type, i) => string.Create(CultureInfo.InvariantCulture, $"{type.ToString().ToLowerInvariant()}_{i + 1}"))];

    /// <summary>The fields' columns, as a list for SELECT.</summary>
    public static string Columns { get; } =
        string.Join(", ", Fields.SelectMany(field => field.StartsWith("point", StringComparison.Ordinal) ? new[] { $"\"{field}$latitude\"", $"\"{field}$longitude\"" } : [field]));

    /// <summary>True: <see cref="Words"/> is indexed for search, and <see cref="District"/> and two integers for comparisons.</summary>
    public bool IsSearchable { get; init; }

    /// <summary>True: readers need a grant.</summary>
    public bool IsConditional { get; init; }

    /// <summary>The resource's name on the wire.</summary>
    public string Name => $"resources/{Id}";

    /// <summary>Its table.</summary>
    public string Table => $"subject.{Id}";

    /// <summary>What is published.</summary>
    public Resource Definition(string department)
    {
        var resource = new Resource
        {
            Name = Name,
            DisplayName = "Bench",
            DisplayNameZh = "测量",
            Abstract = "Made records for measuring.",
            Department = $"departments/{department}",
            UpdateCycle = UpdateCycle.Irregular,
        };
        resource.Fields.AddRange(Fields.Select((name, i) => new Field
        {
            Name = name,
            Number = i + 1,
            Type = Types[i],
            DisplayName = $"Field {i + 1}",
            DisplayNameZh = $"字段{i + 1}",
            Owner = new OwnerRule { Opener = true },
            Level = i < 16 ? Level.Public : Level.Internal,
            SharingClass = IsConditional ? SharingClass.Conditional : SharingClass.Unconditional,
            OpenClass = OpenClass.NotOpen,
            OpenBasis = new Basis { Kind = BasisKind.Other, Text = "made for measuring" },
            Searchable = IsSearchable && name is Words,
            Indexed = IsSearchable && name is (District or "integer_15" or "integer_16"),
            MaxLength = name is District ? 100 : 0,
            DefaultMask = i is 9 ? new Mask { Kind = MaskKind.ShowLastN, Parameter = 4 } : i is 19 ? new Mask { Kind = MaskKind.TruncateGeo, Parameter = 500 } : null,
        }));
        return resource;
    }

    /// <summary>The header of a push of these fields, or of all.</summary>
    public PushHeader Header(string sourceSystem, string pushId, params IEnumerable<string> fields)
    {
        var header = new PushHeader { Resource = Name, SourceSystem = sourceSystem, PushId = pushId };
        header.Fields.AddRange(fields);
        if (header.Fields.Count is 0)
        {
            header.Fields.AddRange(Fields);
        }

        return header;
    }
}
