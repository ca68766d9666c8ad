using Exchange.EventStore.Reading;
using Npgsql;

namespace Exchange.EventStore.Projections;

/// <summary>
/// Tables kept from the log after the fact, by a <see cref="ProjectionRunner"/>. A wall: the store knows no tables but its own. Each build has
/// tables of its own (put the build's number in their names), so that a new build is made beside the one that is read.
/// </summary>
public interface IAsyncProjection
{
    /// <summary>Stable name. At most 60 characters.</summary>
    string Name { get; }

    /// <summary>Partitions it reads. Never empty, never changed without a new name.</summary>
    IReadOnlyList<int> Partitions { get; }

    /// <summary>Makes the empty tables of a build. Runs in a transaction on the given connection.</summary>
    Task CreateAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken);

    /// <summary>
    /// Applies events to a build's tables, through the given connection only: its transaction also keeps the checkpoint, so each event has its
    /// effect once. Throws when it cannot apply one: the build stops there, nothing is skipped.
    /// </summary>
    Task ApplyAsync(NpgsqlConnection connection, int build, PartitionSlice slice, CancellationToken cancellationToken);

    /// <summary>Makes a build the one that is read, for example by replacing a view. Runs in the transaction that marks it active.</summary>
    Task ServeAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken);

    /// <summary>Drops a build's tables; nobody reads it any more.</summary>
    Task DropAsync(NpgsqlConnection connection, int build, CancellationToken cancellationToken);
}
