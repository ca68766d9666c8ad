using System.Reflection;

namespace Grpc.Core.Api.Tests.Api;

/// <summary>The compiled gRPC packages find here every type and member that they were compiled against.</summary>
public sealed class PackageReferenceTests
{
    private const string PublicKeyToken = "d754f35622e28bad";

    // More than any reference needs: the runtime takes the first ones.
    private static readonly Type[] AnyTypes = [.. Enumerable.Repeat(typeof(object), 8)];

    private static readonly Assembly Client = typeof(Grpc.Net.Client.GrpcChannel).Assembly;
    private static readonly Assembly Server = typeof(Grpc.AspNetCore.Server.GrpcServiceOptions).Assembly;
    private static readonly Assembly CoreApi = typeof(Metadata).Assembly;
    private static readonly Assembly NetCommon = typeof(ConnectivityState).Assembly;

    public static TheoryData<string, string, int> Packages => new()
    {
        // At least so many references were there in 2.85.0, so that a reader that sees nothing fails.
        { "Grpc.Net.Client", "Grpc.Core.Api", 90 },
        { "Grpc.Net.Client", "Grpc.Net.Common", 5 },
        { "Grpc.AspNetCore.Server", "Grpc.Core.Api", 80 },
        { "Grpc.AspNetCore.Server", "Grpc.Net.Common", 5 },
    };

    [Theory]
    [MemberData(nameof(Packages))]
    public void Every_reference_of_the_packages_resolves(string user, string used, int atLeast)
    {
        var assembly = user == "Grpc.Net.Client" ? Client : Server;
        var references = MemberReferences.Into(assembly, used);

        var missing = references.Where(reference => !Resolves(assembly.ManifestModule, reference.Token)).Select(reference => reference.Name);

        Assert.Empty(missing);
        Assert.True(references.Count >= atLeast, $"only {references.Count} references from {user} to {used} were found");
    }

    [Fact]
    public void A_reference_that_is_not_there_does_not_resolve()
    {
        // A member reference out of the table's range: the check above must be able to fail.
        Assert.False(Resolves(Client.ManifestModule, 0x0A00FFFF));
    }

    [Fact]
    public void Every_type_of_the_packages_loads()
    {
        // Throws when a type lacks an override of an abstract member or overrides one that is not virtual.
        Assert.NotEmpty(Client.GetTypes());
        Assert.NotEmpty(Server.GetTypes());
    }

    [Fact]
    public void The_assemblies_have_the_identity_that_the_packages_reference()
    {
        foreach (var assembly in new[] { CoreApi, NetCommon })
        {
            var name = assembly.GetName();

            Assert.Equal(new Version(2, 0, 0, 0), name.Version);
            Assert.Equal(PublicKeyToken, Convert.ToHexStringLower(name.GetPublicKeyToken()!));
            Assert.StartsWith("2.85.0", assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion, StringComparison.Ordinal);
        }

        Assert.Equal("Grpc.Core.Api", CoreApi.GetName().Name);
        Assert.Equal("Grpc.Net.Common", NetCommon.GetName().Name);
    }

    private static bool Resolves(Module module, int token)
    {
        try
        {
            // Resolving does not look at access, calling does.
            return module.ResolveMember(token, AnyTypes, AnyTypes) switch
            {
                Type type => type.IsVisible || type.IsNestedFamORAssem,
                MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
                FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
                _ => false,
            };
        }
        catch (Exception e) when (e is TypeLoadException or MissingMemberException or ArgumentException or BadImageFormatException)
        {
            return false;
        }
    }
}
