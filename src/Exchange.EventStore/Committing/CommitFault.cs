using System.Net.Sockets;
using Npgsql;

namespace Exchange.EventStore.Committing;

/// <summary>What an exception of the database means for an append.</summary>
internal static class CommitFault
{
    /// <summary>
    /// The server refused a statement before the commit and aborted the transaction: certainly not committed. An error of the commit itself is not
    /// certain: a distributed engine gives one when some of its nodes committed.
    /// </summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="afterCommit">The command that followed the commit; an error there says nothing about it.</param>
    public static bool IsCertainlyAborted(Exception exception, NpgsqlBatchCommand commit, NpgsqlBatchCommand? afterCommit) =>
        exception is PostgresException { InvariantSeverity: "ERROR", BatchCommand: { } command } && command != commit && command != afterCommit;

    /// <summary>Somebody else holds a lock for too long.</summary>
    public static bool IsLockTimeout(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>It may go better the next time, without any change.</summary>
    public static bool IsTransient(Exception exception) => exception switch
    {
        PostgresException e => IsTransient(e.SqlState),
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };

    public static bool IsDiskFull(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    public static bool IsTimeout(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    /// <summary>A row with this key is there.</summary>
    public static bool IsUniqueViolation(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>A row fell into no range of `log.idempotency`, or a handler's own check failed.</summary>
    public static bool MayBeMissingRange(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.CheckViolation };

    private static bool IsTransient(string state) => state is
        PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable
        or PostgresErrorCodes.ReadOnlySqlTransaction
        or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
        or PostgresErrorCodes.TooManyConnections
        or "25P03" // idle_in_transaction_session_timeout
        || state.StartsWith("08", StringComparison.Ordinal);
}
