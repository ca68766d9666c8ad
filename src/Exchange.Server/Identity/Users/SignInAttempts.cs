using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog;
using Exchange.Server.Hosting;
using Npgsql;

namespace Exchange.Server.Identity.Users;

/// <summary>
/// Attempts to sign in, counted in the database: five wrong ones in a row lock the user for a minute, each further one for twice as long, at most an hour, on
/// every node and over restarts. An attempt counts as wrong before it is looked at, so that many at once are not more than five. Users that are not there are counted,
/// too, or the lock would tell who is: in so many rows that an attack cannot fill the table.
/// </summary>
internal sealed class SignInAttempts(NpgsqlDataSource database, HubSecrets secrets, TimeProvider time) : IDisposable
{
    /// <summary>Wrong attempts in a row that lock.</summary>
    public const int MostFailures = 5;

    // Writes for one that is locked, too: what is refused takes as long as what is looked at.
    private const string Begin = """
        INSERT INTO identity.sign_in AS s (user_id, failures, admitted, last_step)
        VALUES ($1, 1, true, 0)
        ON CONFLICT (user_id) DO UPDATE SET
            admitted = s.locked_until IS NULL OR s.locked_until <= $2,
            failures = CASE WHEN s.locked_until > $2 THEN s.failures ELSE s.failures + 1 END,
            locked_until = CASE
                WHEN s.locked_until > $2 THEN s.locked_until
                WHEN s.failures + 1 >= $3 THEN $2 + least(interval '1 hour', interval '1 minute' * power(2, least(s.failures + 1 - $3, 6)))
            END
        RETURNING s.admitted, s.locked_until IS NOT NULL
        """;

    private const string Succeed = "UPDATE identity.sign_in SET failures = 0, locked_until = NULL, last_step = $2 WHERE user_id = $1 AND last_step < $2";

    private const string Use = """
        INSERT INTO identity.sign_in AS s (user_id, failures, admitted, last_step)
        VALUES ($1, 0, true, $2)
        ON CONFLICT (user_id) DO UPDATE SET failures = 0, locked_until = NULL, last_step = $2
        WHERE s.last_step < $2
        """;

    private const int RowsOfNobody = 1024;

    // A burst leaves the database's connections to everybody else.
    private const int MostAtOnce = 4;

    private readonly Lazy<byte[]> nobodyKey = new(() => secrets.Derive("sign-in-nobody"));
    private readonly SemaphoreSlim turns = new(MostAtOnce);

    /// <summary>What an attempt that begins may come to.</summary>
    public enum Attempt
    {
        /// <summary>It is refused, whatever it brings.</summary>
        Locked,

        /// <summary>It may be right; when it is wrong, nothing changes yet.</summary>
        Open,

        /// <summary>It may be right; when it is wrong, the user is locked.</summary>
        Last,
    }

    /// <summary>Counts an attempt as wrong, unless the user is locked. The name is what the request says; the user is null when nobody may sign in by it.</summary>
    public async Task<Attempt> BeginAsync(string name, User? user)
    {
        await turns.WaitAsync();
        try
        {
            await using var command = database.CreateCommand(Begin);
            command.Parameters.Add(new() { Value = user?.Id.Value ?? RowOfNobody(name) });
            command.Parameters.Add(new() { Value = time.GetUtcNow() });
            command.Parameters.Add(new() { Value = MostFailures });
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            return (reader.GetBoolean(0), reader.GetBoolean(1)) switch
            {
                (false, _) => Attempt.Locked,
                (true, true) => Attempt.Last,
                (true, false) => Attempt.Open,
            };
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>Takes back what was counted, unless the code of this or a later time step was used before: then it stays counted, and this is false.</summary>
    public Task<bool> SucceedAsync(UserId user, long step) => RunAsync(Succeed, user, step);

    /// <summary>Uses up the code of a time step and forgets what was counted; false when it or a later one was used before.</summary>
    public Task<bool> UseAsync(UserId user, long step) => RunAsync(Use, user, step);

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<bool> RunAsync(string statement, UserId user, long step)
    {
        await turns.WaitAsync();
        try
        {
            await using var command = database.CreateCommand(statement);
            command.Parameters.Add(new() { Value = user.Value });
            command.Parameters.Add(new() { Value = step });
            return await command.ExecuteNonQueryAsync() is 1;
        }
        finally
        {
            turns.Release();
        }
    }

    // No user's id begins so.
    private string RowOfNobody(string name) => string.Create(
        CultureInfo.InvariantCulture, $"-{BinaryPrimitives.ReadUInt32LittleEndian(HMACSHA256.HashData(nobodyKey.Value, Encoding.UTF8.GetBytes(name))) % RowsOfNobody}");
}
