using Npgsql;

namespace Exchange.Server.Hosting;

/// <summary>Refuses a database that would lose or break data.</summary>
internal static class DatabaseSafety
{
    private const string ReadSettings = """
        SELECT current_setting('fsync') = 'off', current_setting('full_page_writes') = 'off',
               current_setting('synchronous_commit') = 'off', current_setting('data_checksums') = 'off'
        """;

    private static readonly UnsafeSetting[] Columns =
        [UnsafeSetting.Fsync, UnsafeSetting.FullPageWrites, UnsafeSetting.SynchronousCommit, UnsafeSetting.DataChecksums];

    /// <summary>Throws <see cref="HubStartException"/> with every unsafe setting that is not accepted, as this connection string's sessions see them.</summary>
    public static async Task CheckAsync(NpgsqlDataSource source, IReadOnlySet<UnsafeSetting> accepted, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(source, cancellationToken);
        var refused = found.Where(setting => !accepted.Contains(setting)).Select(HubConfiguration.Name).ToList();
        if (refused.Count > 0)
        {
            throw new HubStartException(
                $"the database would lose or break data: {string.Join(", ", refused.Select(name => $"`{name.Replace('-', '_')}` is off"))}; "
                + $"switch {(refused.Count is 1 ? "it" : "them")} on, or start with --unsafe={string.Join(',', refused)}");
        }
    }

    private static async Task<List<UnsafeSetting>> ReadAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = source.CreateCommand(ReadSettings);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return [.. Columns.Where((_, column) => reader.GetBoolean(column))];
        }
        catch (NpgsqlException e)
        {
            throw new HubStartException($"the database does not answer: {e.Message}", e);
        }
    }
}
