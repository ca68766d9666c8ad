using System.Globalization;
using System.Text;
using Exchange.Catalog.Search;

namespace Exchange.Catalog.Tests.Search;

public sealed class NormalizationFormKCTests
{
    [Fact]
    public void Texts_normalise_as_another_implementation_does()
    {
        var cases = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Search", "nfkc-cases.txt")).Where(line => line[0] is not '#').ToList();

        Assert.Equal(400, cases.Count);
        foreach (var line in cases)
        {
            var (text, expected) = (Read(line.Split('=')[0]), Read(line.Split('=')[1]));

            Assert.Equal(expected, NormalizationFormKC.Apply(text));
        }
    }

    [Fact]
    public void Normalising_twice_changes_nothing_for_any_code_point()
    {
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            if (!Rune.IsValid(code))
            {
                continue;
            }

            var once = NormalizationFormKC.Apply(char.ConvertFromUtf32(code));

            Assert.Equal(once, NormalizationFormKC.Apply(once));
        }
    }

    [Fact]
    public void Folding_twice_changes_nothing_for_any_code_point()
    {
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            if (!Rune.IsValid(code))
            {
                continue;
            }

            var once = TextFolding.Fold(char.ConvertFromUtf32(code));

            Assert.Equal(once, TextFolding.Fold(once));
        }
    }

    private static string Read(string hexadecimal) =>
        string.Concat(hexadecimal.Split(' ').Select(code => char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber))));
}
