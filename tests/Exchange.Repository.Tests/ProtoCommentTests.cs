namespace Exchange.Repository.Tests;

/// <summary>What a department's developer finds in the contract beside names and types.</summary>
public sealed class ProtoCommentTests
{
    [Fact]
    public void Every_call_says_how_it_is_refused()
    {
        var silent = Protos().SelectMany(path => Commented(path, "rpc ").Where(call => !call.Comment.Contains("Errors", StringComparison.Ordinal)).Select(call => $"{path}: {call.Line}"));

        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("departments.proto")]
    [InlineData("records.proto")]
    [InlineData("feed.proto")]
    public void The_services_say_their_limits(string file)
    {
        var service = Assert.Single(Commented($"protos/exchange/v1/{file}", "service "));

        Assert.All(["30 s", "4 MiB", "16 KiB", "20 s"], limit => Assert.Contains(limit, service.Comment, StringComparison.Ordinal));
        Assert.Matches("(silent for|idle connections every) 30 s", service.Comment);
    }

    private static IEnumerable<string> Protos() => Checkout.Files.Where(path => path.StartsWith("protos/exchange/v1/", StringComparison.Ordinal) && path.EndsWith(".proto", StringComparison.Ordinal));

    /// <summary>Each line that begins so, with the comment above it in one line.</summary>
    private static IEnumerable<(string Line, string Comment)> Commented(string path, string begin)
    {
        var comment = new List<string>();
        foreach (var line in Checkout.Read(path).Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Add(line.TrimStart('/').Trim());
                continue;
            }

            if (line.StartsWith(begin, StringComparison.Ordinal))
            {
                yield return (line, string.Join(' ', comment));
            }

            comment.Clear();
        }
    }
}
