namespace Exchange.Server.Identity;

/// <summary>Counts refusals of the unauthenticated by address and writes one line per address and minute: nobody can fill the log.</summary>
internal sealed partial class RefusedCalls(TimeProvider time, ILogger<RefusedCalls> logger) : BackgroundService
{
    private const int MostAddresses = 1000;
    private const string Others = "others";

    private readonly Lock turn = new();
    private Dictionary<string, int> counts = [];

    /// <summary>Counts one refusal.</summary>
    public void Add(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        lock (turn)
        {
            var key = counts.Count < MostAddresses || counts.ContainsKey(address) ? address : Others;
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var minute = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        try
        {
            while (await minute.WaitForNextTickAsync(stoppingToken))
            {
                Write();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Write();
        }
    }

    private void Write()
    {
        Dictionary<string, int> taken;
        lock (turn)
        {
            (taken, counts) = (counts, []);
        }

        foreach (var (address, count) in taken)
        {
            Log.Refused(logger, count, address);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "refused {Count} unauthenticated requests from {Address} in the last minute")]
        public static partial void Refused(ILogger logger, int count, string address);
    }
}
