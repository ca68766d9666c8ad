namespace Exchange.Catalog;

/// <summary>Unified social credit codes (统一社会信用代码) of GB 32100-2015.</summary>
public static class CreditCode
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    private const int Length = 18;

    // GB 32100-2015 section 5: powers of 3 modulo 31.
    private static ReadOnlySpan<int> Weights => [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

    /// <summary>True for 18 characters of the standard's alphabet of which the last one checks the others.</summary>
    public static bool IsValid(string? text)
    {
        if (text?.Length is not Length || text.Any(character => !Alphabet.Contains(character, StringComparison.Ordinal)))
        {
            return false;
        }

        var sum = 0;
        for (var place = 0; place < Weights.Length; place++)
        {
            sum += Weights[place] * Alphabet.IndexOf(text[place], StringComparison.Ordinal);
        }

        return Alphabet[(31 - (sum % 31)) % 31] == text[^1];
    }
}
