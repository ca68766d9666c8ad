namespace Exchange.EventStore.Tests.Appending;

/// <summary>Judges what writers saw who each wrote one stream at a version they knew: could it have happened one operation at a time?</summary>
public static class VersionHistory
{
    /// <summary>
    /// The first contradiction; null when there is an order in which every write that expected n was stored exactly when the stream was at n, and
    /// every write took effect between its call and its answer. Writers expect only versions that were there, so one that lost came after
    /// somebody had written its version.
    /// </summary>
    public static string? FindFault(IReadOnlyCollection<VersionedWrite> history)
    {
        var wins = history.Where(write => write.IsStored).OrderBy(write => write.Expected).ToList();
        var earliest = new List<long>();
        for (var version = 0; version < wins.Count; version++)
        {
            if (wins[version].Expected != version)
            {
                return wins[version].Expected < version ? $"version {wins[version].Expected} was won twice" : $"version {version} was won by nobody, and a later one was";
            }

            // The earliest moment is the best for all: neither a win nor a loss asks for a write to be late.
            earliest.Add(Math.Max(wins[version].Began, version is 0 ? long.MinValue : earliest[^1]));
            if (wins[version].Returned < earliest[^1])
            {
                return $"version {version} was won and answered before the one that it follows was asked for";
            }
        }

        foreach (var loss in history.Where(write => !write.IsStored))
        {
            if (loss.Expected >= wins.Count)
            {
                return $"version {loss.Expected} was refused, and nobody wrote it";
            }

            if (loss.Returned < earliest[(int)loss.Expected])
            {
                return $"version {loss.Expected} was refused before anybody could have written it";
            }
        }

        return null;
    }
}

/// <summary>One write that expected a stream to be at a version.</summary>
/// <param name="Expected">The version.</param>
/// <param name="IsStored">False: refused as stale.</param>
/// <param name="Began">When it was called.</param>
/// <param name="Returned">When its answer was there.</param>
public sealed record VersionedWrite(long Expected, bool IsStored, long Began, long Returned);
