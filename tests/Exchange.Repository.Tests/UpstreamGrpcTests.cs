using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Exchange.Repository.Tests.Build;

namespace Exchange.Repository.Tests;

/// <summary><c>UpstreamGrpc=true</c> takes the two gRPC packages from NuGet and leaves <c>compat/</c> out, without any other change (DESIGN section 10).</summary>
public sealed class UpstreamGrpcTests
{
    private const string Upstream = "UpstreamGrpc=true";

    private static readonly string[] Packages = ["Grpc.Core.Api", "Grpc.Net.Common"];
    private static readonly Regex Error = new(@"error (?<code>[A-Z]+\d+): (?:Unable to find package (?<package>[\w.]+)\.)?");
    private static readonly string Compat = Path.Combine(DotnetCommand.Root, "compat") + Path.DirectorySeparatorChar;

    [Fact]
    public async Task With_the_switch_no_project_references_compat_and_every_user_of_grpc_takes_both_packages()
    {
        var projects = new ConcurrentDictionary<string, DotnetCommand.Evaluation>();
        await Parallel.ForEachAsync(
            Checkout.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.StartsWith("compat/", StringComparison.Ordinal)),
            new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken },
            async (path, _) => projects[path] = await DotnetCommand.EvaluateAsync(path, Upstream));

        Assert.Superset(
            new HashSet<string>
            {
                "protos/Exchange.Protos/Exchange.Protos.csproj", "src/Exchange.Server/Exchange.Server.csproj", "src/Exchange.Clients/Exchange.Clients.csproj",
                "src/Exchange.Cli/Exchange.Cli.csproj", "bench/Exchange.Bench/Exchange.Bench.csproj", "tests/Exchange.Server.Tests/Exchange.Server.Tests.csproj",
            },
            projects.Keys.ToHashSet());
        Assert.All(projects, project => Assert.DoesNotContain(project.Value.ProjectReferences, path => path.StartsWith(Compat, StringComparison.Ordinal)));
        var users = projects.Where(project => project.Value.PackageReferences.Any(package => package is "Google.Protobuf" or "Grpc.AspNetCore.Server" or "Grpc.Net.Client"));
        Assert.All(users, project => Assert.Equal(Packages, project.Value.PackageReferences.Intersect(Packages)));
    }

    [Fact]
    public async Task Without_the_switch_both_projects_stand_in_and_no_such_package_is_asked_for()
    {
        var graph = await GraphAsync("protos/Exchange.Protos/Exchange.Protos.csproj");

        Assert.Equal(Packages, graph.Keys.Where(path => path.StartsWith(Compat, StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(graph.Values, evaluation => Assert.Empty(evaluation.PackageReferences.Intersect(Packages)));
    }

    // A restore of everything: minutes. The one beside it looks at the project files alone.
    [Fact]
    [Trait("Stage", "Full")]
    public async Task With_the_switch_only_the_two_packages_may_be_missing_in_the_whole_solution_and_nothing_of_compat_is_built()
    {
        // A folder of its own: the restored state of the checkout must stay that of the build without the switch.
        var artifacts = Directory.CreateTempSubdirectory("upstream-grpc-");
        try
        {
            var (exitCode, output) = await DotnetCommand.RunAsync(
                ["build", "DataExchange.sln", $"-p:{Upstream}", $"-p:ArtifactsPath={artifacts.FullName}", "--nologo", "-v", "quiet"]);

            var errors = Error.Matches(output).Select(match => (Code: match.Groups["code"].Value, Package: match.Groups["package"].Value)).Distinct().Order().ToList();
            Assert.SkipWhen(errors.Any(error => error.Code == "NU1301"), "no package registry can be reached");
            Assert.All(errors, error => Assert.True(error.Code == "NU1101" && Packages.Contains(error.Package), output));
            // Where a registry has the packages the build must succeed.
            Assert.Equal(exitCode is not 0, errors.Count > 0);

            // Where they are missing, the build ends before it comes to these: ask for one by itself.
            var (compatExitCode, compatOutput) = await DotnetCommand.RunAsync(
                ["build", "compat/Grpc.Net.Common", $"-p:{Upstream}", $"-p:ArtifactsPath={artifacts.FullName}", "--nologo", "-v", "quiet"]);
            Assert.True(compatExitCode is 0, compatOutput);
            Assert.Empty(StandIns(artifacts));
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_stand_ins_are_never_packed_and_carry_the_packages_name_and_version()
    {
        foreach (var package in Packages)
        {
            var project = await DotnetCommand.EvaluateAsync($"compat/{package}/{package}.csproj");

            Assert.Equal("false", project.Properties["IsPackable"]);
            Assert.Equal(package, project.Properties["PackageId"]);
            Assert.Equal("2.85.0", project.Properties["Version"]);
            Assert.Empty(project.PackageReferences);
        }
    }

    [Fact]
    public void Only_the_shared_targets_name_the_stand_ins()
    {
        var projects = Directory.EnumerateFiles(DotnetCommand.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Compat, StringComparison.Ordinal) && !path.Contains("/artifacts/", StringComparison.Ordinal)
                && !path.Contains("/node_modules/", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(projects);
        Assert.DoesNotContain(projects, path => File.ReadAllText(path) is var text
            && (text.Contains("compat/", StringComparison.Ordinal) || Packages.Any(package => text.Contains($"\"{package}\"", StringComparison.Ordinal))));
    }

    // Of our own build; a package's assembly is copied to where it is used.
    private static IEnumerable<FileInfo> StandIns(DirectoryInfo artifacts) => Packages
        .Select(package => new DirectoryInfo(Path.Combine(artifacts.FullName, "bin", package)))
        .Where(folder => folder.Exists)
        .SelectMany(folder => folder.EnumerateFiles("*.dll", SearchOption.AllDirectories));

    /// <summary>A project and every project it references, each with its evaluation, by full path.</summary>
    private static async Task<Dictionary<string, DotnetCommand.Evaluation>> GraphAsync(string project, params string[] properties)
    {
        var graph = new Dictionary<string, DotnetCommand.Evaluation>();
        var open = new Queue<string>([Path.Combine(DotnetCommand.Root, project)]);
        while (open.TryDequeue(out var next))
        {
            if (!graph.ContainsKey(next))
            {
                graph[next] = await DotnetCommand.EvaluateAsync(next, properties);
                foreach (var reference in graph[next].ProjectReferences)
                {
                    open.Enqueue(reference);
                }
            }
        }

        return graph;
    }
}
