namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>
/// Texts of four characters that all have one hash in .NET's hash of texts without a random key: two words, each turned into the one sum by
/// solving for the second. A dictionary that kept to that hash would need a walk through all of them for each.
/// </summary>
internal static class CollidingKeys
{
    private const uint Start = (5381 << 16) + 5381;
    private const uint Factor = 1_566_083_941;
    private const uint Sum = 0x1234_5678;

    /// <summary>So many of them.</summary>
    public static IEnumerable<string> Take(int count)
    {
        var inverse = Factor;
        for (var round = 0; round < 5; round++)
        {
            inverse *= 2 - (Factor * inverse);
        }

        var begin = (uint)(((Start << 5) | (Start >> 27)) + Start);
        for (uint word = 0x0061_0061; count > 0; word++)
        {
            var second = begin ^ ((Sum - (begin ^ word)) * inverse);
            string key = new([(char)word, (char)(word >> 16), (char)second, (char)(second >> 16)]);
            if (!key.Any(char.IsSurrogate) && !key.Contains('\0', StringComparison.Ordinal))
            {
                count--;
                yield return key;
            }
        }
    }

    /// <summary>That hash.</summary>
    public static uint HashOf(string key)
    {
        var (first, second) = (key[0] | ((uint)key[1] << 16), key[2] | ((uint)key[3] << 16));
        var begin = (uint)(((Start << 5) | (Start >> 27)) + Start);
        return (begin ^ first) + ((begin ^ second) * Factor);
    }
}
