using System.Diagnostics.Metrics;
using Exchange.Catalog;
using Exchange.Server.Grpc.Room;
using Exchange.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Grpc.Room;

public sealed class RequestBudgetsTests
{
    [Fact]
    public async Task The_gauges_tell_what_is_left_who_has_the_rest_and_who_waits()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var budgets = new RequestBudgets(new HubOptions { MemoryLimit = 1024 }, meters);
        var (slow, quick) = (new ClientId("slow"), new ClientId("quick"));
        const long Half = 32L << 20;

        Assert.Equal([("left calls", Half), ("left streams", Half)], Read(meters));

        Assert.True(budgets.Calls.TryTake(quick, 100));
        await budgets.Streams.TakeAsync(slow, Half / 4, CancellationToken.None);
        var waiting = budgets.Streams.TakeAsync(slow, 7, CancellationToken.None);

        Assert.Equal(
            [
                ("left calls", Half - 100),
                ("left streams", Half * 3 / 4),
                ("taken calls quick", 100),
                ("taken streams slow", Half / 4),
                ("waiting calls quick", 0),
                ("waiting streams slow", 1),
            ],
            Read(meters));

        budgets.Calls.Return(quick, 100);
        budgets.Streams.Return(slow, Half / 4);
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        budgets.Streams.Return(slow, 7);
        Assert.Equal([("left calls", Half), ("left streams", Half)], Read(meters));
    }

    private static List<(string Name, long Value)> Read(IMeterFactory meters)
    {
        var values = new List<(string Name, long Value)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name is RequestBudgets.Meter)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            values.Add((string.Join(' ', [instrument.Name.Split('.')[^1], .. tags.ToArray().Select(tag => tag.Value)]), value)));
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. values.OrderBy(value => value.Name, StringComparer.Ordinal)];
    }
}
