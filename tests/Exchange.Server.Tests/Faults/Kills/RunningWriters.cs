using System.Diagnostics;
using Exchange.Clients;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>The writers of a crash test at work, and the careless one beside them.</summary>
internal sealed class RunningWriters : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource abandon = new();
    private readonly List<ExchangeClient> clients;
    private readonly List<Task> each;
    private readonly Task running;

    private RunningWriters(List<ExchangeClient> clients, IReadOnlyList<FaultWriter> list, CarelessWriter careless)
    {
        this.clients = clients;
        List = list;
        Careless = careless;
        each =
        [
            .. list.Select(writer => Task.Run(() => writer.RunAsync(stop.Token, abandon.Token))),
            Task.Run(() => careless.RunAsync(stop.Token, abandon.Token)),
        ];
        running = Task.WhenAll(each);
    }

    /// <summary>The writers whose every record counts.</summary>
    public IReadOnlyList<FaultWriter> List { get; }

    /// <summary>The writer that never sends again.</summary>
    public CarelessWriter Careless { get; }

    /// <summary>Founds the city and lets its departments push; returns when each has a receipt. The last of them pushes by the unary form.</summary>
    public static async Task<RunningWriters> StartAsync(HubProgram hub, int count, Random random)
    {
        var city = await FaultCity.FoundAsync(hub, count + 1, CancellationToken.None);
        var list = city.Take(count).Select((desk, index) => new FaultWriter(desk.Name, desk.Client, random.Next(), isUnary: index == count - 1)).ToList();
        var writers = new RunningWriters([.. city.Select(desk => desk.Client)], list, new CarelessWriter(city[count].Name, hub, city[count].Client));
        await writers.UntilEachHasMoreAsync(1);
        return writers;
    }

    /// <summary>The writers with their clients.</summary>
    public IEnumerable<(FaultWriter Writer, ExchangeClient Client)> WithClients => List.Zip(clients);

    /// <summary>Returns when each writer got so many more receipts.</summary>
    public async Task UntilEachHasMoreAsync(int operations)
    {
        var began = Stopwatch.StartNew();
        foreach (var (writer, enough) in List.Select(writer => (writer, writer.Acknowledged + operations)).ToList())
        {
            while (writer.Acknowledged < enough)
            {
                if (each.Find(task => task.IsFaulted) is { } broken)
                {
                    await broken;
                }

                Assert.True(began.Elapsed < Patience, $"{writer.Name} gets no receipt");

                await Task.Delay(10);
            }
        }
    }

    /// <summary>Returns when the careless writer, too, sent something more: the next kill finds it at work.</summary>
    public async Task UntilCarelessSendsAsync()
    {
        var began = Stopwatch.StartNew();
        for (var enough = Careless.Batches + 1; Careless.Batches < enough; await Task.Delay(10))
        {
            if (each[^1].IsFaulted)
            {
                await each[^1];
            }

            Assert.True(began.Elapsed < Patience, "the careless writer does not come back");
        }
    }

    /// <summary>Returns when every writer has a receipt for everything it sent.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running.WaitAsync(Patience);
    }

    /// <summary>Leaves the writers where they are.</summary>
    public async Task AbandonAsync()
    {
        await stop.CancelAsync();
        await abandon.CancelAsync();
        await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await AbandonAsync();
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        stop.Dispose();
        abandon.Dispose();
    }
}
