using System.Net;
using System.Net.Sockets;
using Exchange.Catalog;
using Exchange.Server.Grpc;
using Npgsql;

namespace Exchange.Server.Identity;

/// <summary>
/// Counts what the node refuses to those who have not proved who they are, or who ask for more than they may: by address, reason and minute, in bounded memory. Once
/// a minute, and when the node stops, the counts go to the database and a few lines to the log: nobody can fill either.
/// </summary>
internal sealed partial class RefusedRequests(RefusedRequestTable table, TimeProvider time, ILogger<RefusedRequests> logger) : BackgroundService
{
    /// <summary>Counted for addresses beyond those that are told apart.</summary>
    public const string Others = "others";

    /// <summary>Counted for a connection without an address.</summary>
    public const string Unknown = "unknown";

    /// <summary>Addresses that are told apart within a minute.</summary>
    public const int MostAddresses = 1000;

    /// <summary>Counts of addresses that are told apart within a minute, one for each reason that an address gives: beyond them all count as <see cref="Others"/>.</summary>
    public const int MostRows = 2000;

    /// <summary>Lines in the log by minute, beside one with the sum of what they leave out.</summary>
    public const int MostLines = 20;

    // While the database does not answer: hours of an attack from as many addresses as are told apart, days of any other.
    private const int MostKept = 100_000;

    private const int PurgeMinutes = 60;

    private const int NetworkBytes = 8;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock turn = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly Dictionary<string, long> lines = [];
    private readonly HashSet<string> addresses = [];
    private Dictionary<Key, long> counts = [];
    private long minute;
    private int rows;

    /// <summary>An address as it is counted: one of IPv6 by its network, as limits do, of which one host has all.</summary>
    public static string Name(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } || IPAddress.IsLoopback(address))
        {
            return CallerAddress.Of(address) ?? Unknown;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new IPAddress(bytes).ToString();
    }

    /// <summary>Counts one refusal of a request; of an authenticated client its line in the log names it.</summary>
    public void Add(HttpContext http, string reason, ClientId? client = null) => Add(Name(http.Connection.RemoteIpAddress), reason, client);

    /// <summary>Counts one refusal.</summary>
    /// <param name="address">From <see cref="Name"/>.</param>
    /// <param name="reason">A constant: the reason's code, or the OAuth error.</param>
    /// <param name="client">Who it is, where that is proved.</param>
    public void Add(string address, string reason, ClientId? client = null)
    {
        lock (turn)
        {
            var now = time.GetUtcNow().Ticks / Minute.Ticks;
            if (now != minute)
            {
                minute = now;
                addresses.Clear();
                rows = 0;
            }

            var told = addresses.Contains(address) || (addresses.Count < MostAddresses && counts.Count < MostKept && addresses.Add(address)) ? address : Others;
            if (told is not Others && !counts.ContainsKey(new Key(now, told, reason)) && ++rows > MostRows)
            {
                told = Others;
            }

            Count(new Key(now, told, reason), 1);
            var line = client is { } known ? $"client {known.Value}" : told;
            lines[line] = lines.GetValueOrDefault(line) + 1;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        writing.Dispose();
        base.Dispose();
    }

    /// <summary>Writes what was counted since the last time to the database and the log.</summary>
    internal async Task WriteAsync()
    {
        await writing.WaitAsync();
        try
        {
            Dictionary<Key, long> taken;
            List<KeyValuePair<string, long>> told;
            lock (turn)
            {
                (taken, counts) = (counts, []);
                told = [.. lines.OrderByDescending(line => line.Value)];
                lines.Clear();
            }

            Tell(told);
            if (taken.Count > 0)
            {
                await StoreAsync(taken);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Minute, time);
        try
        {
            for (var minutes = 0; await timer.WaitForNextTickAsync(stoppingToken); minutes++)
            {
                await WriteAsync();
                if (minutes % PurgeMinutes is 0)
                {
                    await PurgeAsync();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The listener is closed by now.
            await WriteAsync();
        }
    }

    private async Task StoreAsync(Dictionary<Key, long> taken)
    {
        try
        {
            await table.AddAsync(
                [.. taken.Select(count => new RefusedRequest(new DateTimeOffset(count.Key.Minute * Minute.Ticks, TimeSpan.Zero), count.Key.Address, count.Key.Reason, count.Value))],
                CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            // Kept for the next minute; counted twice where only the answer to the commit was lost.
            Log.NotWritten(logger, e);
            lock (turn)
            {
                foreach (var (key, count) in taken)
                {
                    Count(key, count);
                }
            }
        }
    }

    private async Task PurgeAsync()
    {
        try
        {
            await table.PurgeAsync(CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            Log.NotWritten(logger, e);
        }
    }

    private void Count(Key key, long count) => counts[key] = counts.GetValueOrDefault(key) + count;

    private void Tell(List<KeyValuePair<string, long>> told)
    {
        foreach (var (who, count) in told.Take(MostLines))
        {
            Log.Refused(logger, count, who);
        }

        if (told.Count > MostLines)
        {
            Log.RefusedMore(logger, told.Skip(MostLines).Sum(line => line.Value), told.Count - MostLines);
        }
    }

    private readonly record struct Key(long Minute, string Address, string Reason);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "refused {Count} requests from {Address} in the last minute; `exchange audit refused` tells why")]
        public static partial void Refused(ILogger logger, long count, string address);

        [LoggerMessage(2, LogLevel.Warning, "refused {Count} requests from {Addresses} more in the last minute")]
        public static partial void RefusedMore(ILogger logger, long count, int addresses);

        [LoggerMessage(3, LogLevel.Warning, "counts of refused requests are not written: the database does not answer; the next minute tries again")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
