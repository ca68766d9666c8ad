using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>A reader of strangers' bytes: how inputs for it are made, and how it reads one. It refuses as it likes, but throws nothing.</summary>
internal sealed record FuzzTarget(string Name, Func<Random, byte[]> Make, Action<byte[]> Read);

/// <summary>What fuzzing found.</summary>
/// <param name="Faults">Inputs that a reader threw on, with the exception: at most ten.</param>
/// <param name="Slowest">
/// The input that took longest, looked at again so that no pause of the machine counts. One of more than a MiB, of at most four that a message has, may take
/// its time in proportion: what is told is that of one.
/// </param>
/// <param name="GrownBytes">How much larger the process is after a collection than it was after the first inputs.</param>
internal sealed record FuzzReport(IReadOnlyList<string> Faults, (string Target, TimeSpan Time) Slowest, long GrownBytes);

/// <summary>Runs inputs through readers. Every input follows from the seed, the reader's name and its number, so that one can be made again alone.</summary>
internal sealed class Fuzzer(int seed)
{
    private const int MostFaults = 10;
    private static readonly TimeSpan WorthALook = TimeSpan.FromMilliseconds(10);

    /// <summary>A seed of its own for each run, printed; FAULT_SEED repeats one.</summary>
    public static int NewSeed(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FAULT_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        output.WriteLine($"FAULT_SEED={seed}");
        return seed;
    }

    /// <summary>The process's size after a collection.</summary>
    public static long SizeBytes()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>An input of a reader.</summary>
    public byte[] Input(FuzzTarget target, int number) => target.Make(new Random(Mix(target.Name, number)));

    /// <summary>So many inputs for each reader, in turns.</summary>
    public FuzzReport Run(IReadOnlyList<FuzzTarget> targets, int inputsEach)
    {
        List<string> faults = [];
        PriorityQueue<(FuzzTarget Target, byte[] Input), TimeSpan> slow = new();
        var warm = inputsEach / 20;
        var before = 0L;
        for (var number = 0; number < inputsEach; number++)
        {
            if (number == warm)
            {
                before = SizeBytes();
            }

            foreach (var target in targets)
            {
                var input = Input(target, number);
                var began = Stopwatch.GetTimestamp();
                if (Read(target, input) is { } fault && faults.Count < MostFaults)
                {
                    faults.Add($"{target.Name}, seed {seed}, input {number}: {Show(input)}\n{fault}");
                }

                if (Stopwatch.GetElapsedTime(began) is var took && took > WorthALook)
                {
                    slow.Enqueue((target, input), took / Math.Max(1, input.Length / (double)(1 << 20)));
                    _ = slow.Count > MostFaults ? slow.Dequeue() : default;
                }
            }
        }

        return new FuzzReport(faults, Slowest(slow), SizeBytes() - before);
    }

    private static Exception? Read(FuzzTarget target, byte[] input)
    {
        try
        {
            target.Read(input);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static (string Target, TimeSpan Time) Slowest(PriorityQueue<(FuzzTarget Target, byte[] Input), TimeSpan> candidates)
    {
        var slowest = ("", TimeSpan.Zero);
        while (candidates.TryDequeue(out var candidate, out _))
        {
            var least = TimeSpan.MaxValue;
            for (var again = 0; again < 5; again++)
            {
                var (began, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                Read(candidate.Target, candidate.Input);

                // On a busy machine waiting is no work; with a collection beside it, work is more than the reader's.
                least = new[] { least, Stopwatch.GetElapsedTime(began), Environment.CpuUsage.TotalTime - used }.Min();
            }

            least /= Math.Max(1, candidate.Input.Length / (double)(1 << 20));
            slowest = least > slowest.Item2 ? ($"{candidate.Target.Name}: {Show(candidate.Input)}", least) : slowest;
        }

        return slowest;
    }

    private static string Show(byte[] input) => $"{input.Length} bytes, {Convert.ToHexString(input.AsSpan(0, Math.Min(input.Length, 200)))}";

    // Not a string's own hash: that is another in every process.
    private int Mix(string name, int number) => name.Aggregate(unchecked((seed * 31) + number), static (mixed, character) => unchecked((mixed * 16_777_619) ^ character));
}
