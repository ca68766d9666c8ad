using Npgsql;

namespace Exchange.Server.Catalog.Quality;

/// <summary>How far one partition of a resource was measured.</summary>
/// <param name="Position">Changes were read up to here.</param>
/// <param name="ChangedPosition">Where the last of this resource was; 0 when there was none.</param>
/// <param name="Rules">Fingerprint of the rules that the scores are of; empty when there are none.</param>
/// <param name="ScorePosition">The partition's head when the scores were counted.</param>
/// <param name="ScoreTime">When they were; null when they never were.</param>
internal sealed record Measurement(long Position, long ChangedPosition, string Rules, long ScorePosition, DateTimeOffset? ScoreTime)
{
    /// <summary>Head of the partition in the snapshot that is measured; 0 when it is not known.</summary>
    public long Head { get; init; }

    /// <summary>Columns position, changed_position, rules, score_position and score_time, from this one on.</summary>
    public static Measurement Read(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first),
        reader.GetInt64(first + 1),
        reader.GetString(first + 2),
        reader.GetInt64(first + 3),
        reader.IsDBNull(first + 4) ? null : reader.GetFieldValue<DateTimeOffset>(first + 4));
}
