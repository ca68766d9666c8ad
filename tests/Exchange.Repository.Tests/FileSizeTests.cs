namespace Exchange.Repository.Tests;

/// <summary>STYLE section 2: what a reader can take in at once.</summary>
public sealed class FileSizeTests
{
    private static readonly string[] SourceExtensions = [".cs", ".razor", ".proto", ".js", ".css", ".sql"];

    [Fact]
    public void No_source_file_is_longer_than_500_lines_and_no_test_longer_than_600()
    {
        var tooLong = Sources().Select(path => (path, lines: File.ReadLines(Path.Combine(Checkout.Root, path)).Count()))
            .Where(file => file.lines > (file.path.StartsWith("tests/", StringComparison.Ordinal) ? 600 : 500))
            .Select(file => $"{file.path}: {file.lines} lines");

        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_folder_holds_more_than_15_source_files()
    {
        var tooMany = Sources().GroupBy(path => Path.GetDirectoryName(path)).Where(folder => folder.Count() > 15)
            .Select(folder => $"{folder.Key}: {folder.Count()} files");

        Assert.Empty(tooMany);
    }

    [Fact]
    public void Nothing_is_hidden_in_a_region_or_left_to_do()
    {
        // Put together here, or this file would be found. compat/ keeps gRPC's own: members that a generated class overrides.
        string[] unwanted = ["#" + "region", "TO" + "DO:", "FIX" + "ME", "throw new NotImplemented" + "Exception"];

        var found = Sources().Where(path => !path.StartsWith("compat/", StringComparison.Ordinal)).SelectMany(path => unwanted.Where(word => Checkout.Read(path).Contains(word)).Select(word => $"{path}: {word}"));

        Assert.Empty(found);
    }

    private static IEnumerable<string> Sources() => Checkout.Files.Where(path => SourceExtensions.Contains(Path.GetExtension(path)));
}
