using System.Collections.Immutable;
using Exchange.Server.Governance;

namespace Exchange.Server.Tests.Governance;

public class PagingTests
{
    private static readonly ImmutableSortedDictionary<string, int> Items =
        Enumerable.Range(0, 1_100).ToImmutableSortedDictionary(item => $"{item:D4}", item => item, StringComparer.Ordinal);

    [Fact]
    public void Pages_together_are_the_list()
    {
        List<int> seen = [];
        var token = "";
        do
        {
            (var page, token) = Paging.Cut(Items, 500, token).Value;
            seen.AddRange(page);
        }
        while (token.Length > 0);

        Assert.Equal(Items.Values, seen);
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(7, 7)]
    [InlineData(9_999, 500)]
    public void A_page_has_50_items_unless_told_and_never_more_than_500(int size, int count) =>
        Assert.Equal(count, Paging.Cut(Items, size, "").Value.Page.Count);

    [Fact]
    public void The_last_page_has_no_token() => Assert.Equal("", Paging.Cut(Items.Take(50), 50, "").Value.NextToken);

    [Theory]
    [InlineData(-1, "")]
    [InlineData(10, "not a token")]
    public void A_bad_size_or_token_is_refused(int size, string token) => Assert.True(Paging.Cut(Items, size, token).IsRefused);

    [Fact]
    public void A_page_of_large_items_ends_before_it_is_too_large_for_a_message_and_has_one_item_at_least()
    {
        var (page, token) = Paging.Cut(Items, 500, "", item => item is 2 ? 4 * 1024 * 1024 : 1024 * 1024).Value;
        var (large, next) = Paging.Cut(Items, 500, token, item => item is 2 ? 4 * 1024 * 1024 : 1024 * 1024).Value;
        var (third, _) = Paging.Cut(Items, 500, next, item => 1024 * 1024).Value;

        Assert.Equal([0, 1], page);
        Assert.Equal([2], large);
        Assert.Equal([3, 4, 5], third);
    }

    [Fact]
    public void An_item_that_goes_meanwhile_skips_none()
    {
        var (page, token) = Paging.Cut(Items, 10, "").Value;

        var rest = Paging.Cut(Items.Remove("0009"), 10, token).Value.Page;

        Assert.Equal((9, 10), (page[^1], rest[0]));
    }
}
