using System.Buffers.Text;
using System.Text;
using Exchange.Catalog;

namespace Exchange.Server.Governance;

/// <summary>Cuts sorted lists into pages (AIP-158). A token names the last item of its page, so a list that changes meanwhile is neither skipped nor repeated.</summary>
internal static class Paging
{
    private const int DefaultSize = 50;
    private const int LargestSize = 500;

    /// <summary>One page of items in the ordinal order of their keys, and the token of the next; empty on the last.</summary>
    public static Result<(IReadOnlyList<T> Page, string NextToken)> Cut<T>(IEnumerable<KeyValuePair<string, T>> sorted, int size, string token)
    {
        if (size < 0)
        {
            return Refusal.Invalid("page_size", "OUT_OF_RANGE", $"must be 0 (the default of {DefaultSize}) to {LargestSize}");
        }

        if (!TryRead(token, out var after))
        {
            return Refusal.Invalid("page_token", "INVALID_PAGE_TOKEN", "is not a token of this list: begin without one");
        }

        var wanted = size is 0 ? DefaultSize : Math.Min(size, LargestSize);
        List<KeyValuePair<string, T>> page =
            [.. sorted.SkipWhile(item => after is not null && string.CompareOrdinal(item.Key, after) <= 0).Take(wanted + 1)];
        var next = page.Count > wanted ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(page[wanted - 1].Key)) : "";
        return ((IReadOnlyList<T>)[.. page.Take(wanted).Select(item => item.Value)], next);
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
