namespace Exchange.Catalog;

/// <summary>How names of enums are written in policies: `not-shared` in words of the model, `GOV_SERVICE` where the public contract's name stands.</summary>
internal static class PolicyWords
{
    /// <summary>`department-system` of DepartmentSystem.</summary>
    public static string Kebab<T>(T value)
        where T : struct, Enum => Names<T>.Kebab.GetValueOrDefault(value, "unspecified");

    /// <summary>`GOV_SERVICE` of GovService.</summary>
    public static string UpperSnake<T>(T value)
        where T : struct, Enum => Names<T>.UpperSnake.GetValueOrDefault(value, "UNSPECIFIED");

    private static string Join(string name, char separator) =>
        string.Concat(name.Select((letter, index) => index > 0 && char.IsAsciiLetterUpper(letter) ? $"{separator}{letter}" : letter.ToString()));

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Kebab = Enum.GetValues<T>().ToDictionary(value => value, value => Join(value.ToString(), '-').ToLowerInvariant());

        public static readonly Dictionary<T, string> UpperSnake = Enum.GetValues<T>().ToDictionary(value => value, value => Join(value.ToString(), '_').ToUpperInvariant());
    }
}
