using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>The one connection of an appender; opened again after it broke.</summary>
internal sealed class WriterSession(NpgsqlDataSource source) : IAsyncDisposable
{
    private NpgsqlConnection? connection;

    /// <summary>
    /// True when the server warned since <see cref="ClearWarning"/>. A commit whose wait for a standby was cut short "succeeds" with a warning
    /// only; it must not be acknowledged as it is.
    /// </summary>
    public bool HasWarning { get; private set; }

    public void ClearWarning() => HasWarning = false;

    public async ValueTask<NpgsqlConnection> OpenAsync()
    {
        if (connection is { FullState: System.Data.ConnectionState.Open })
        {
            return connection;
        }

        await BreakAsync();
        var opened = await source.OpenConnectionAsync(CancellationToken.None);
        opened.Notice += (_, e) => HasWarning |= e.Notice.InvariantSeverity is "WARNING";
        connection = opened;
        return opened;
    }

    /// <summary>Ends the open transaction; a connection that cannot is given up.</summary>
    public async Task RollbackAsync()
    {
        try
        {
            if (connection is { FullState: System.Data.ConnectionState.Open })
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", connection);
                await rollback.ExecuteNonQueryAsync(CancellationToken.None);
                return;
            }
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
            // The server rolls back what a lost connection left.
        }

        await BreakAsync();
    }

    /// <summary>Gives the connection up; the server rolls back what it left, unless a commit was under way.</summary>
    public async Task BreakAsync()
    {
        if (connection is { } broken)
        {
            connection = null;
            try
            {
                // Else the pool would hand it out again: what it has prepared may not be what it thinks.
                source.Clear();
                await broken.DisposeAsync();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
            {
                // It was broken already.
            }
        }
    }

    public async ValueTask DisposeAsync() => await BreakAsync();
}
