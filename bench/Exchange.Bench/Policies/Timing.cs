using System.Diagnostics;

namespace Exchange.Bench.Policies;

/// <summary>Measures code that repeats itself a given number of times.</summary>
internal static class Timing
{
    private const int Windows = 3;

    /// <summary>
    /// Nanoseconds and allocated bytes per repetition: the best of three windows of at least that time, because the others were
    /// interrupted.
    /// </summary>
    /// <param name="repeat">Does it that many times.</param>
    /// <param name="atLeast">How long the measured repetitions take together.</param>
    /// <param name="times">Repetitions to begin with; doubled until they take long enough, for this and the next call.</param>
    public static (double Nanoseconds, double Bytes) Measure(Action<int> repeat, TimeSpan atLeast, ref int times)
    {
        var (best, most) = (double.MaxValue, 0.0);
        for (var window = 0; window < Windows;)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            repeat(times);
            var elapsed = Stopwatch.GetElapsedTime(start);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (elapsed < atLeast && times <= int.MaxValue / 2)
            {
                times *= 2;
                continue;
            }

            window++;
            (best, most) = (Math.Min(best, elapsed.TotalNanoseconds / times), Math.Max(most, (double)bytes / times));
        }

        return (best, most);
    }
}
