using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Exchange.EventStore.Migrations;

/// <summary>One SQL file. Its checksum does not depend on line ends.</summary>
internal sealed record MigrationFile(int Number, string Name, string Text, byte[] Checksum)
{
    private const string Folder = ".Migrations.";

    public static IReadOnlyList<MigrationFile> ReadAll(MigrationSource source)
    {
        var files = new SortedDictionary<int, MigrationFile>();
        var resources = source.Assembly.GetManifestResourceNames();
        foreach (var resource in resources.Where(name => name.Contains(Folder, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var stream = source.Assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var name = resource[(resource.LastIndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..^".sql".Length];
            var file = Parse(name, reader.ReadToEnd());
            if (!files.TryAdd(file.Number, file))
            {
                throw new MigrationException($"`{source.Name}` has two migrations with number {file.Number}");
            }
        }

        return [.. files.Values];
    }

    public static MigrationFile Parse(string name, string text)
    {
        var digits = name.AsSpan(0, Math.Max(0, name.IndexOf('_', StringComparison.Ordinal)));
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is 0)
        {
            throw new MigrationException($"migration `{name}` is not named `NNNN_words.sql` with a number from 1");
        }

        var plain = text.ReplaceLineEndings("\n");
        return new MigrationFile(number, name, plain, SHA256.HashData(Encoding.UTF8.GetBytes(plain)));
    }
}
