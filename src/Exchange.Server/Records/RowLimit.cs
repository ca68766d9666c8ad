using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Records;

/// <summary>What one message may hold of a record.</summary>
internal static class RowLimit
{
    /// <summary>Largest row in bytes: a client takes messages of 4 MiB unless told otherwise, and some of it is not the row's.</summary>
    public const int LargestBytes = HubEndpoints.LargestMessageBytes - 4_096;

    /// <summary>Size at which a page of rows ends.</summary>
    public const int PageBytes = 3 * 1024 * 1024;

    private static readonly RefusalReason RowTooLarge = new("ROW_TOO_LARGE", RefusalKind.ResourceExhausted);

    /// <summary>ROW_TOO_LARGE, with what to do.</summary>
    /// <param name="what">What is too large, as the sentence begins.</param>
    /// <param name="step">What the caller may do.</param>
    public static Refusal TooLarge(string what, string step) => new(RowTooLarge, $"{what} is larger than a message may be, {LargestBytes} bytes: {step}")
    {
        Metadata = new Dictionary<string, string> { ["largest_bytes"] = $"{LargestBytes}" },
    };
}
