using Npgsql;

namespace Exchange.Server.Grpc;

/// <summary>Asks the database twice a second whether it is there and can be written to; health follows.</summary>
internal sealed partial class DatabaseProbe(NpgsqlDataSource database, HubHealth health, TimeProvider time, ILogger<DatabaseProbe> logger) : BackgroundService
{
    private const string Probe = "SELECT NOT pg_is_in_recovery()";

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private bool? wasWell;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReportAsync(cancellationToken);
        health.Report("start", isWell: true);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var period = new PeriodicTimer(Period, time);
        while (await period.WaitForNextTickAsync(stoppingToken))
        {
            await ReportAsync(stoppingToken);
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        var isWell = await IsWellAsync(cancellationToken);
        health.Report("database", isWell);
        if (wasWell != isWell)
        {
            wasWell = isWell;
            Log.Changed(logger, isWell ? "answers" : "does not answer");
        }
    }

    private async Task<bool> IsWellAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var command = database.CreateCommand(Probe);
            return await command.ExecuteScalarAsync(patience.Token) is true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "the database {State}")]
        public static partial void Changed(ILogger logger, string state);
    }
}
