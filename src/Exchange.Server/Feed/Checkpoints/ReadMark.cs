namespace Exchange.Server.Feed;

/// <summary>Where a reader is, and what it was shown on its way there. Not to be compared.</summary>
/// <param name="Positions">Position per partition: everything up to it was read.</param>
/// <param name="Seen">What was shown of it, from <see cref="Access.PlanDigest"/>.</param>
internal sealed record ReadMark(IReadOnlyDictionary<int, long> Positions, byte[] Seen)
{
    /// <summary>True when something was read that is shown in another way now.</summary>
    public bool IsBehind(ReadOnlySpan<byte> digest) => !digest.SequenceEqual(Seen) && Positions.Values.Any(position => position > 0);
}
