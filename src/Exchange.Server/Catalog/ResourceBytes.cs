using Exchange.Catalog;
using Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>The bound of a resource as a message: with its differences it must fit into an answer.</summary>
internal static class ResourceBytes
{
    /// <summary>Bytes of a resource.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>The refusal of one that is larger.</summary>
    public static Refusal? Check(Resource? resource) => resource?.CalculateSize() is { } size and > Most
        ? Refusal.Invalid("resource", "TOO_LARGE", $"is of {size} bytes and must be of at most {Most}: shorten its texts")
        : null;
}
