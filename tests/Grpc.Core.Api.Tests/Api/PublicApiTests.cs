using System.Reflection;

namespace Grpc.Core.Api.Tests.Api;

/// <summary>The public surface is that of the packages: the list beside the design, no member less and none more.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Grpc_Core_Api_has_exactly_the_listed_members() => AssertAsListed(typeof(Metadata).Assembly);

    [Fact]
    public void Grpc_Net_Common_has_exactly_the_listed_members() => AssertAsListed(typeof(ConnectivityState).Assembly);

    private static void AssertAsListed(Assembly assembly)
    {
        var listed = Signatures.Listed(File.ReadLines(ListPath()), assembly.GetName().Name!).ToHashSet();
        var present = Signatures.Of(assembly).ToHashSet();

        Assert.NotEmpty(listed);
        Assert.Empty(listed.Except(present).Order());
        Assert.Empty(present.Except(listed).Order());
    }

    private static string ListPath()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var list = Path.Combine(folder.FullName, "..", "shared", "grpc", "public-api.txt");
            if (File.Exists(Path.Combine(folder.FullName, "DataExchange.sln")) && File.Exists(list))
            {
                return list;
            }
        }

        Assert.Skip("the list of public members, ../shared/grpc/public-api.txt, is not beside this checkout");
        return "";
    }
}
