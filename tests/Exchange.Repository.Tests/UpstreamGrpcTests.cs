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

    [Theory]
    [InlineData("src/Exchange.Server/Exchange.Server.csproj")]
    [InlineData("src/Exchange.Clients/Exchange.Clients.csproj")]
    public async Task With_the_switch_no_project_in_the_graph_references_compat(string project)
    {
        var graph = await GraphAsync(project, Upstream);

        Assert.Contains(graph.Keys, path => path.EndsWith("Exchange.Protos.csproj", StringComparison.Ordinal));
        Assert.DoesNotContain(graph.Keys, path => path.StartsWith(Compat, StringComparison.Ordinal));
        var users = graph.Values.Where(evaluation => evaluation.PackageReferences.Any(package => package is "Google.Protobuf" or "Grpc.AspNetCore.Server" or "Grpc.Net.Client"));
        Assert.All(users, evaluation => Assert.Equal(Packages, evaluation.PackageReferences.Intersect(Packages)));
    }

    [Fact]
    public async Task Without_the_switch_both_projects_stand_in_and_no_such_package_is_asked_for()
    {
        var graph = await GraphAsync("protos/Exchange.Protos/Exchange.Protos.csproj");

        Assert.Equal(Packages, graph.Keys.Where(path => path.StartsWith(Compat, StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(graph.Values, evaluation => Assert.Empty(evaluation.PackageReferences.Intersect(Packages)));
    }

    [Theory]
    [InlineData("protos/Exchange.Protos")]
    [InlineData("src/Exchange.Server")]
    [InlineData("src/Exchange.Clients")]
    public async Task With_the_switch_only_the_two_packages_may_be_missing(string project)
    {
        // A folder of its own: the restored state of the checkout must stay that of the build without the switch.
        var artifacts = Directory.CreateTempSubdirectory("upstream-grpc-");
        try
        {
            var (exitCode, output) = await DotnetCommand.RunAsync(
                ["build", project, $"-p:{Upstream}", $"-p:ArtifactsPath={artifacts.FullName}", "--nologo", "-v", "quiet"]);

            var errors = Error.Matches(output).Select(match => (Code: match.Groups["code"].Value, Package: match.Groups["package"].Value)).Distinct().Order().ToList();
            Assert.SkipWhen(errors.Any(error => error.Code == "NU1301"), "no package registry can be reached");
            Assert.All(errors, error => Assert.True(error.Code == "NU1101" && Packages.Contains(error.Package), output));
            // Where a registry has the packages the build must succeed.
            Assert.Equal(exitCode is not 0, errors.Count > 0);
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
