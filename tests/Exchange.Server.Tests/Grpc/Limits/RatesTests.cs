using System.Diagnostics;
using Exchange.Server.Grpc.Limits;

namespace Exchange.Server.Tests.Grpc.Limits;

/// <summary>Reliability I3: the rate itself, without a hub around it.</summary>
public sealed class RatesTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(7, 1, 7)]
    [InlineData(333, 1, 333)]
    [InlineData(1500, 1, 1500)]
    [InlineData(90, 60, 1)]
    [InlineData(1_000_000, 1, 1_000_000)]
    public void At_once_come_as_many_as_in_a_second_however_long_nobody_called(long count, int seconds, int burst)
    {
        var rates = new Rates<string>(count, TimeSpan.FromSeconds(seconds));
        Assert.True(rates.TryTake("water", out _));
        Thread.Sleep(1500);

        var (began, taken) = (Stopwatch.GetTimestamp(), 0L);
        while (taken <= 2L * burst && rates.TryTake("water", out _))
        {
            taken++;
        }

        var meanwhile = count * Stopwatch.GetElapsedTime(began).TotalSeconds / seconds;
        Assert.InRange(taken, Math.Min(burst, 2L * burst), burst + meanwhile + 1);
    }

    [Fact]
    public void Whoever_waits_as_long_as_told_is_let_through()
    {
        foreach (var count in new[] { 3, 50, 1500 })
        {
            var rates = new Rates<string>(count, TimeSpan.FromSeconds(1));
            for (var round = 0; round < 3; round++)
            {
                TimeSpan wait;
                while (rates.TryTake("water", out wait))
                {
                    // The burst.
                }

                Assert.InRange(wait.TotalSeconds, 0.000_001, 1.0 / count + 0.001_5);
                Thread.Sleep(wait);
                SpinUntil(wait);
                Assert.True(rates.TryTake("water", out _), $"{count} a second, after {wait}");
            }
        }

        static void SpinUntil(TimeSpan wait)
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < wait;)
            {
                Thread.SpinWait(10);
            }
        }
    }

    [Fact]
    public void One_that_calls_too_often_takes_nothing_from_others()
    {
        var rates = new Rates<string>(10, TimeSpan.FromMinutes(1));
        while (rates.TryTake("loud", out _))
        {
            // Uses its own up.
        }

        Assert.True(rates.TryTake("quiet", out _));
    }

    [Fact]
    public void Those_who_do_not_call_any_more_are_forgotten_and_many_more_share_one()
    {
        var rates = new Rates<int>(1, TimeSpan.FromSeconds(1));
        var first = Enumerable.Range(0, 12_000).Count(key => rates.TryTake(key, out _));

        // On a machine that stands still the one that many share fills up now and then.
        Assert.InRange(first, Rates<int>.MostKeys + 1, Rates<int>.MostKeys + 100);
        Assert.Equal(Rates<int>.MostKeys, rates.Count);
        Thread.Sleep(1100);
        rates.Forget();
        Assert.Equal(0, rates.Count);
        Assert.True(rates.TryTake(20_000, out _));
    }

    [Fact]
    public void What_is_forgotten_was_full_so_that_nobody_gains_by_it()
    {
        var rates = new Rates<string>(30, TimeSpan.FromMinutes(1));
        Assert.True(rates.TryTake("water", out _));

        rates.Forget();

        Assert.False(rates.TryTake("water", out _));
    }

    [Fact]
    public void A_call_that_three_limits_are_about_costs_little()
    {
        Rates<string>[] limits = [.. Enumerable.Range(0, 3).Select(_ => new Rates<string>(1_000_000, TimeSpan.FromSeconds(1)))];
        const int Calls = 200_000;
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var call = 0; call < Calls; call++)
            {
                foreach (var limit in limits)
                {
                    limit.TryTake("water-system", out _);
                }
            }

            best = best < Stopwatch.GetElapsedTime(began) ? best : Stopwatch.GetElapsedTime(began);
        }

        // A measurement, not a bound: the machine is shared.
        output.WriteLine($"{best.TotalNanoseconds / Calls:0} ns for three limits");
    }
}
