using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Exchange.Server.Catalog;

/// <summary>
/// What is different between two revisions of a resource, part by part as the proto names them: a part that comes to be is compared without anybody thinking of it.
/// </summary>
internal static class ResourceDifferences
{
    private const int MostDifferences = 1_000;
    private const int MostBytes = 2 * 1024 * 1024;
    private const int LongestText = 4_000;

    // What the hub says of a revision, not what the revision says.
    private static readonly int[] _outputs =
    [
        Resource.RevisionFieldNumber, Resource.PublishTimeFieldNumber, Resource.EtagFieldNumber, Resource.ProviderCodeFieldNumber, Resource.StateFieldNumber,
        Resource.QualityFieldNumber,
    ];

    /// <summary>The resource's own parts in the order of the proto, then fields in the order of their numbers. Null is nothing.</summary>
    public static IEnumerable<ResourceDifference> Between(Resource? before, Resource after)
    {
        before ??= new Resource();
        foreach (var part in Resource.Descriptor.Fields.InDeclarationOrder().Where(part => part.FieldNumber is not Resource.FieldsFieldNumber && !_outputs.Contains(part.FieldNumber)))
        {
            if (Difference(part.Name, part, before, after) is { } difference)
            {
                yield return difference;
            }
        }

        // A draft may have a number twice: the first counts.
        var (earlier, later) = (before.Fields.DistinctBy(field => field.Number).ToDictionary(field => field.Number), after.Fields.DistinctBy(field => field.Number).ToDictionary(field => field.Number));
        foreach (var number in earlier.Keys.Union(later.Keys).Order())
        {
            var (was, becomes) = (earlier.GetValueOrDefault(number), later.GetValueOrDefault(number));
            var path = $"fields[{(becomes ?? was)!.Name}]";
            if (was is null || becomes is null)
            {
                yield return new ResourceDifference { Path = path, Before = Short(Text(was)), After = Short(Text(becomes)) };
                continue;
            }

            foreach (var part in Field.Descriptor.Fields.InDeclarationOrder())
            {
                if (Difference($"{path}.{part.Name}", part, was, becomes) is { } difference)
                {
                    yield return difference;
                }
            }
        }
    }

    /// <summary>As many as fit into a message, and how many there are.</summary>
    public static (IReadOnlyList<ResourceDifference> Kept, int Count) Cut(IEnumerable<ResourceDifference> differences)
    {
        List<ResourceDifference> kept = [];
        var (count, bytes) = (0, 0);
        foreach (var difference in differences)
        {
            count++;
            if (kept.Count + 1 == count && kept.Count < MostDifferences && (bytes += difference.CalculateSize()) <= MostBytes)
            {
                kept.Add(difference);
            }
        }

        return (kept, count);
    }

    private static ResourceDifference? Difference(string path, FieldDescriptor part, IMessage before, IMessage after)
    {
        var (was, becomes) = (Text(part.Accessor.GetValue(before)), Text(part.Accessor.GetValue(after)));
        return was == becomes ? null : new ResourceDifference { Path = path, Before = Short(was), After = Short(becomes) };
    }

    private static string Short(string text) => text.Length <= LongestText ? text : $"{text[..(char.IsHighSurrogate(text[LongestText - 1]) ? LongestText - 1 : LongestText)]}…";

    // As JSON; nothing for what is not given.
    private static string Text(object? value)
    {
        if (value is null or "" or 0 or false || value is Enum && Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture) is 0 || value is System.Collections.IList { Count: 0 })
        {
            return "";
        }

        using var writer = new StringWriter();
        JsonFormatter.Default.WriteValue(writer, value);
        return writer.ToString();
    }
}
