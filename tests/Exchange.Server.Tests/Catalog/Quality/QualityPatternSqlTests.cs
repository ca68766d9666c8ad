using System.Text.RegularExpressions;
using Exchange.Catalog;
using Exchange.Testing;
using Npgsql;

namespace Exchange.Server.Tests.Catalog.Quality;

public sealed class QualityPatternSqlTests
{
    private const string Signs = @"ab1-[](){}|?*+\.^,~ 区";
    private const string Letters = "ab1-.,^ 区é\n\\";

    [Fact]
    public async Task PostgreSQL_and_dotnet_read_every_accepted_pattern_alike()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var database = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync("patterns"));
        await using var connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var (matched, refused) = (0, 0);
        for (var round = 0; round < 2_000;)
        {
            var pattern = Text(random, Signs, 1, 12);
            if (QualityPattern.Check(pattern) is not null)
            {
                continue;
            }

            round++;
            string[] texts = [.. Enumerable.Range(0, 30).Select(_ => Text(random, Letters, 0, 6)), pattern];
            var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
            bool[] expected = [.. texts.Select(text => regex.IsMatch(text))];
            await using var command = new NpgsqlCommand("""SELECT array_agg(t COLLATE "C" ~ $2 ORDER BY n) FROM unnest($1::text[]) WITH ORDINALITY AS u (t, n)""", connection)
            {
                Parameters = { new() { Value = texts }, new() { Value = $"^(?:{pattern})$" } },
            };

            var read = (bool[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            Assert.True(Enumerable.SequenceEqual(expected, read), $"`{pattern}` is read otherwise");
            matched += expected.Count(is_ => is_);
            refused += expected.Count(is_ => !is_);
        }

        Assert.True(matched > 1_000 && refused > 10_000, $"{matched} texts matched, {refused} did not: the texts tell nothing");
    }

    // What is beyond the subset is read otherwise: the control.
    [Fact]
    public async Task What_is_not_offered_may_be_read_otherwise()
    {
        await using var database = NpgsqlDataSource.Create(await TestPostgres.CreateDatabaseAsync("patterns"));
        await using var command = database.CreateCommand("""SELECT '٣' COLLATE "C" ~ '^(?:\d)$'""");

        Assert.NotEqual(Regex.IsMatch("٣", @"\A(?:\d)\z"), (bool)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
        Assert.NotNull(QualityPattern.Check(@"\d"));
    }

    private static string Text(Random random, string signs, int least, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => signs[random.Next(signs.Length)]));
}
