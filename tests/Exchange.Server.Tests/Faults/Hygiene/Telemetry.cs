using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Exchange.Server.Tests.Faults.Hygiene;

/// <summary>Hears every activity and every measurement of this process, as somebody's OpenTelemetry would.</summary>
internal sealed class Telemetry : IDisposable
{
    private readonly ConcurrentQueue<string> lines = [];
    private readonly ActivityListener activities;
    private readonly MeterListener meters = new();

    public Telemetry()
    {
        activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => lines.Enqueue(
                $"{activity.Source.Name} {activity.DisplayName} {activity.StatusDescription} {Tags(activity.TagObjects)} {Tags(activity.Baggage.Select(item => KeyValuePair.Create(item.Key, (object?)item.Value)))} "
                + string.Join(' ', activity.Events.Select(happened => $"{happened.Name} {Tags(happened.Tags)}"))),
        };
        ActivitySource.AddActivityListener(activities);
        meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        Hear<int>();
        Hear<long>();
        Hear<double>();
        Hear<float>();
        Hear<short>();
        Hear<byte>();
        Hear<decimal>();
        meters.Start();
    }

    /// <summary>What was heard so far: names, values, tags.</summary>
    public IReadOnlyCollection<string> Lines
    {
        get
        {
            meters.RecordObservableInstruments();
            return lines;
        }
    }

    public void Dispose()
    {
        meters.Dispose();
        activities.Dispose();
    }

    private static string Tags(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.Select(tag => $"{tag.Key}={tag.Value}"));

    private void Hear<T>()
        where T : struct => meters.SetMeasurementEventCallback<T>(
            (instrument, measurement, tags, _) => lines.Enqueue($"{instrument.Meter.Name} {instrument.Name} {measurement} {Tags(tags.ToArray())}"));
}
