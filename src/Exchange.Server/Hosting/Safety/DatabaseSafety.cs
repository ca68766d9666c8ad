using Exchange.EventStore.Sealing;
using Exchange.Server.Identity;
using Npgsql;

namespace Exchange.Server.Hosting;

/// <summary>What speaks against a database: that it would lose or break data, or that its keys are not here. Only reads.</summary>
internal static class DatabaseSafety
{
    private const string ReadSettings = """
        SELECT current_setting('fsync') = 'off', current_setting('full_page_writes') = 'off',
               current_setting('synchronous_commit') = 'off', current_setting('data_checksums') = 'off'
        """;

    private static readonly (UnsafeSetting Setting, string Complaint)[] Columns =
    [
        (UnsafeSetting.Fsync, "the database would lose data: `fsync` is off; switch it on"),
        (UnsafeSetting.FullPageWrites, "the database would break pages: `full_page_writes` is off; switch it on"),
        (UnsafeSetting.SynchronousCommit, "the database would lose what was acknowledged: `synchronous_commit` is off; switch it on"),
        (UnsafeSetting.DataChecksums, "the database would serve bit rot as truth: `data_checksums` is off; stop it and run `pg_checksums --enable`"),
    ];

    /// <summary>
    /// Adds every unsafe setting, as this connection string's sessions see them; for options with which the store is to be opened, a hub key that is missing or
    /// another store's, and, where there is no store yet, public keys of its first caller that cannot be read.
    /// </summary>
    public static async Task CheckAsync(NpgsqlDataSource source, StartComplaints complaints, HubOptions? opening, CancellationToken cancellationToken)
    {
        try
        {
            await CheckSettingsAsync(source, complaints, cancellationToken);
            if (opening is not null && !await StoreKey.CheckAsync(source, HubSecrets.FileOf(opening), cancellationToken) && opening.OperatorJwksFile is { } file)
            {
                complaints.Try(() => OperatorAccount.GivenJwks(file));
            }
        }
        catch (NpgsqlException e)
        {
            complaints.Add($"the database does not answer: {e.Message}");
        }
        catch (HubKeyException e)
        {
            complaints.Add(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The hub key's file, which is a complaint already.
        }
    }

    private static async Task CheckSettingsAsync(NpgsqlDataSource source, StartComplaints complaints, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(ReadSettings);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        foreach (var (setting, complaint) in Columns.Where((_, column) => reader.GetBoolean(column)))
        {
            complaints.Add(setting, complaint);
        }
    }
}
