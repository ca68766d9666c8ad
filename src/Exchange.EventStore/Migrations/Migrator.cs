using Microsoft.Extensions.Logging;

namespace Exchange.EventStore.Migrations;

/// <summary>Applies numbered forward-only SQL files, under a row lock so that many nodes may start at once.</summary>
public static class Migrator
{
    /// <summary>
    /// Applies what is missing of each source, in the given order; the event store's own come first by themselves. Each file is a transaction.
    /// Throws <see cref="MigrationException"/> when an applied file was changed since, or the database has one this program does not know.
    /// </summary>
    public static Task ApplyAsync(string connectionString, IReadOnlyList<MigrationSource> sources, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
