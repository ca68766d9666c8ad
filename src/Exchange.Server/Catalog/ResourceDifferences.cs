using Exchange.Protos.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Exchange.Server.Catalog;

/// <summary>
/// What is different between two revisions of a resource, part by part as the proto names them: a part that comes to be is compared without anybody thinking of it.
/// </summary>
internal static class ResourceDifferences
{
    // What the hub says of a revision, not what the revision says.
    private static readonly int[] _outputs =
    [
        Resource.RevisionFieldNumber, Resource.PublishTimeFieldNumber, Resource.EtagFieldNumber, Resource.ProviderCodeFieldNumber, Resource.StateFieldNumber,
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

        foreach (var number in before.Fields.Concat(after.Fields).Select(field => field.Number).Distinct().Order())
        {
            var (was, becomes) = (before.Fields.FirstOrDefault(field => field.Number == number), after.Fields.FirstOrDefault(field => field.Number == number));
            var path = $"fields[{(becomes ?? was)!.Name}]";
            if (was is null || becomes is null)
            {
                yield return new ResourceDifference { Path = path, Before = Text(was), After = Text(becomes) };
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

    private static ResourceDifference? Difference(string path, FieldDescriptor part, IMessage before, IMessage after)
    {
        var (was, becomes) = (Text(part.Accessor.GetValue(before)), Text(part.Accessor.GetValue(after)));
        return was == becomes ? null : new ResourceDifference { Path = path, Before = was, After = becomes };
    }

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
