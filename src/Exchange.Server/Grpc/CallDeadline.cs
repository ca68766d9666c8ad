using System.Globalization;
using Exchange.Server.Hosting;

namespace Exchange.Server.Grpc;

/// <summary>How long a unary call may take: what its header asks for, within the hub's bounds.</summary>
internal static class CallDeadline
{
    /// <summary>The header that says it.</summary>
    public const string Header = "grpc-timeout";

    /// <summary>The time the call has. Its header says the same from then on: what it lacked or asked for too much is put there.</summary>
    public static TimeSpan Settle(IHeaderDictionary headers, HubOptions options)
    {
        var asked = Read(headers);
        var granted = TimeSpan.FromTicks(Math.Min((asked ?? options.DefaultDeadline).Ticks, options.LongestDeadline.Ticks));
        if (asked != granted)
        {
            Write(headers, granted);
        }

        return granted;
    }

    /// <summary>Takes off what has passed of the granted time, where it can be told: whoever reads the header counts from then on.</summary>
    public static void Lessen(IHeaderDictionary headers, TimeSpan granted, TimeSpan passed)
    {
        if (passed >= TimeSpan.FromMilliseconds(1))
        {
            Write(headers, granted - passed);
        }
    }

    // At most a day, which takes eight digits; none is no time at all.
    private static void Write(IHeaderDictionary headers, TimeSpan time) =>
        headers[Header] = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)time.TotalMilliseconds)}m");

    /// <summary>The time that the header says; null without a valid one (gRPC over HTTP/2, Timeout: 1 to 8 digits and a unit).</summary>
    public static TimeSpan? Read(IHeaderDictionary headers)
    {
        if (headers[Header] is not [{ Length: >= 2 and <= 9 } timeout] || !long.TryParse(timeout.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return timeout[^1] switch
        {
            'H' => TimeSpan.FromTicks(number * TimeSpan.TicksPerHour),
            'M' => TimeSpan.FromTicks(number * TimeSpan.TicksPerMinute),
            'S' => TimeSpan.FromTicks(number * TimeSpan.TicksPerSecond),
            'm' => TimeSpan.FromTicks(number * TimeSpan.TicksPerMillisecond),
            'u' => TimeSpan.FromTicks(number * TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(number / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }
}
