using System.Text.RegularExpressions;

namespace Exchange.Repository.Tests;

/// <summary>What must not leave a developer's machine with a commit.</summary>
public sealed class PublicationTests
{
    [Fact]
    public void Lock_files_name_no_registry()
    {
        var locks = Checkout.Files.Where(path => Path.GetFileName(path) is "package-lock.json" or "packages.lock.json").ToList();

        Assert.NotEmpty(locks);
        Assert.All(locks, path => Assert.DoesNotContain("\"resolved\": \"http", Checkout.Read(path)));
    }

    [Fact]
    public void Every_dotnet_package_is_pinned_to_one_version()
    {
        var versions = Regex.Matches(Checkout.Read("Directory.Packages.props"), "<PackageVersion [^>]*Version=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(@"^\[[0-9][^,]*\]$", version));
    }

    [Fact]
    public async Task The_scripts_pass_shellcheck()
    {
        if (Checkout.Program("shellcheck") is not { } shellcheck)
        {
            Assert.Skip("shellcheck is not installed");
            return;
        }

        var scripts = Checkout.Files.Where(path => path.EndsWith(".sh", StringComparison.Ordinal) || IsShell(path)).ToArray();
        var (exitCode, output) = await Checkout.RunAsync(".", shellcheck, scripts);

        Assert.Empty(((string[])["exchange", ".ci/run", "deploy/prepare.sh", "deploy/check-image.sh"]).Except(scripts));
        Assert.True(exitCode is 0, output);
    }

    private static bool IsShell(string path) => !Path.HasExtension(path) && File.ReadLines(Path.Combine(Checkout.Root, path)).FirstOrDefault() is { } line
        && line.StartsWith("#!", StringComparison.Ordinal) && line.EndsWith("sh", StringComparison.Ordinal);

    [Fact]
    public void The_licence_is_apache_2() => Assert.Contains("Apache License\n                           Version 2.0, January 2004", Checkout.Read("LICENSE"));
}
