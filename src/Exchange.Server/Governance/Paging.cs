using System.Buffers.Text;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Governance;

/// <summary>Cuts sorted lists into pages (AIP-158). A token names the last item of its page, so a list that changes meanwhile is neither skipped nor repeated.</summary>
internal static class Paging
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;

    /// <summary>Bytes that end a page, below the 4 MiB that a message may have.</summary>
    public const int LargestBytes = 3 * 1024 * 1024;

    /// <summary>A token that the list did not give.</summary>
    public static Refusal ForeignToken { get; } = Refusal.Invalid("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list: begin without one");

    /// <summary>One page of items in the ordinal order of their keys, and the token of the next; empty on the last.</summary>
    /// <param name="sorted">All items.</param>
    /// <param name="size">Items wanted; 0 for the default.</param>
    /// <param name="token">Token of the page before; empty for the first.</param>
    /// <param name="sizeBytes">For items that may be large: a page ends before it comes to 3 MiB, but has one item at least.</param>
    public static Result<(IReadOnlyList<T> Page, string NextToken)> Cut<T>(
        IEnumerable<KeyValuePair<string, T>> sorted, int size, string token, Func<T, int>? sizeBytes = null)
    {
        var asked = Read(size, token);
        if (asked.IsRefused)
        {
            return asked.Refusal;
        }

        var (wanted, after) = asked.Value;
        List<KeyValuePair<string, T>> page =
            [.. sorted.SkipWhile(item => after is not null && string.CompareOrdinal(item.Key, after) <= 0).Take(wanted + 1)];
        var fitting = Math.Min(wanted, sizeBytes is null ? page.Count : Fitting(page, sizeBytes));
        var next = page.Count > fitting ? TokenAfter(page[fitting - 1].Key) : "";
        return ((IReadOnlyList<T>)[.. page.Take(fitting).Select(item => item.Value)], next);
    }

    /// <summary>Items wanted, and the key after which the page begins; null at the beginning. For lists that are not read from memory.</summary>
    public static Result<(int Size, string? After)> Read(int size, string token)
    {
        if (size < 0)
        {
            return Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {DefaultSize}) to {LargestSize}");
        }

        return TryRead(token, out var after) ? (size is 0 ? DefaultSize : Math.Min(size, LargestSize), after) : ForeignToken;
    }

    /// <summary>The token of a page that begins after this key.</summary>
    public static string TokenAfter(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    private static int Fitting<T>(List<KeyValuePair<string, T>> page, Func<T, int> sizeBytes)
    {
        var bytes = 0;
        return page.TakeWhile((item, index) => (bytes += sizeBytes(item.Value)) <= LargestBytes || index is 0).Count();
    }

    private static bool TryRead(string token, out string? after)
    {
        after = null;
        if (token.Length is 0)
        {
            return true;
        }

        if (!Base64Url.IsValid(token))
        {
            return false;
        }

        after = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        return true;
    }
}
