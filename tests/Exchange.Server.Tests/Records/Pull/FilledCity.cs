using Exchange.Protos.V1;
using Exchange.Server.Tests.Records.Push;
using Grpc.Core;

namespace Exchange.Server.Tests.Records.Pull;

/// <summary>The city with many records, about 700 bytes each.</summary>
public sealed class FilledCity : IAsyncLifetime
{
    /// <summary>How many.</summary>
    public const int Records = 9_000;

    /// <summary>How long tests wait for what must come.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>The hub.</summary>
    public CityHub Hub { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Hub.InitializeAsync();
        await RestoreAsync();
    }

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    /// <summary>Makes the records what they were; those that tests added go.</summary>
    internal async Task RestoreAsync()
    {
        await using (var command = Hub.Database.CreateCommand("DELETE FROM subject.complaint WHERE source_id NOT LIKE 'page-%'"))
        {
            await command.ExecuteNonQueryAsync();
        }

        for (var from = 0; from < Records; from += 1_500)
        {
            await Hub.PushAsync(City.Centre, Hub.Header(City.Centre, "title", "calls", "due", "content"), [.. Enumerable.Range(from, 1_500).Select(Record)]);
        }
    }

    /// <summary>Pulls as the department that opened the records.</summary>
    internal AsyncServerStreamingCall<PullResponse> Pull(PullRequest request) => Hub.RecordsOf(City.Centre).Pull(request);

    /// <summary>A pull of all fields that the records have.</summary>
    internal static PullRequest Request(string filter, string order) => new()
    {
        Resource = "resources/complaint", Purpose = Purpose.Regulation, Filter = filter, OrderBy = order, Fields = { "title", "calls", "due", "content" },
    };

    /// <summary>Asks the database again and again until it is so.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow + Deadline; !await condition();)
        {
            Assert.True(DateTime.UtcNow < deadline, "it did not come to that in time");
        }
    }

    private static PushedRecord Record(int number) => Pushed.Own(
        $"page-{number}",
        Pushed.Text($"title {number % 100} {(number % 2 is 0 ? "even" : "odd")}"),
        number % 7 is 0 ? Pushed.Clear : new Value { Integer = number % 50 },
        number % 3 is 0 ? Pushed.Clear : new Value { Date = 16_000 + (number % 11) },
        Pushed.Text($"content {number} {new string('x', 600)}"));
}
