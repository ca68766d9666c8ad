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

        var (exitCode, output) = await Checkout.RunAsync(".", shellcheck, "exchange", ".ci/run");

        Assert.True(exitCode is 0, output);
    }

    [Fact]
    public void The_licence_is_apache_2() => Assert.Contains("Apache License\n                           Version 2.0, January 2004", Checkout.Read("LICENSE"));
}
