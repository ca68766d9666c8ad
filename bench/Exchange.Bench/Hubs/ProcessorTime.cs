using System.Globalization;

namespace Exchange.Bench.Hubs;

/// <summary>Processor time that the hub and this process, its client, use from now on.</summary>
internal sealed class ProcessorTime(HubProcess hub)
{
    private readonly TimeSpan hubBefore = hub.Processor;
    private readonly TimeSpan ownBefore = Environment.CpuUsage.TotalTime;

    /// <summary>What one of so many cost.</summary>
    public string Tell(double count, string one) => string.Create(
        CultureInfo.InvariantCulture,
        $"processor time a {one}: hub {(hub.Processor - hubBefore).TotalMicroseconds / count:0.0} µs, client {(Environment.CpuUsage.TotalTime - ownBefore).TotalMicroseconds / count:0.0} µs");
}
