using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Grpc.Core.Api.Tests.Api;

/// <summary>What a compiled assembly asks of other assemblies, read from its metadata.</summary>
internal static class MemberReferences
{
    /// <summary>Every type and member that <paramref name="user"/> references in an assembly called <paramref name="used"/>, with its metadata token.</summary>
    internal static IReadOnlyList<(int Token, string Name)> Into(Assembly user, string used)
    {
        using var file = new PEReader(File.OpenRead(user.Location));
        var reader = file.GetMetadataReader();
        var types = reader.TypeReferences
            .Where(handle => AssemblyOf(reader, handle) == used)
            .Select(handle => (MetadataTokens.GetToken(handle), NameOf(reader, handle)));
        var members = reader.MemberReferences
            .Select(handle => (Handle: handle, Parent: ParentOf(reader, reader.GetMemberReference(handle))))
            .Where(member => member.Parent is { } parent && AssemblyOf(reader, parent) == used)
            .Select(member => (
                MetadataTokens.GetToken(member.Handle),
                $"{NameOf(reader, member.Parent!.Value)}.{reader.GetString(reader.GetMemberReference(member.Handle).Name)}"));
        return [.. types, .. members];
    }

    private static TypeReferenceHandle? ParentOf(MetadataReader reader, MemberReference member)
    {
        if (member.Parent.Kind is HandleKind.TypeReference)
        {
            return (TypeReferenceHandle)member.Parent;
        }

        if (member.Parent.Kind is not HandleKind.TypeSpecification)
        {
            return null;
        }

        // ECMA-335 II.23.2.14: an instantiated generic type is GENERICINST, CLASS or VALUETYPE, then the token of the generic type.
        var signature = reader.GetBlobReader(reader.GetTypeSpecification((TypeSpecificationHandle)member.Parent).Signature);
        if (signature.ReadSignatureTypeCode() is not SignatureTypeCode.GenericTypeInstance)
        {
            return null;
        }

        signature.ReadByte();
        var generic = signature.ReadTypeHandle();
        return generic.Kind is HandleKind.TypeReference ? (TypeReferenceHandle)generic : null;
    }

    private static string? AssemblyOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            HandleKind.TypeReference => AssemblyOf(reader, (TypeReferenceHandle)scope),
            _ => null,
        };
    }

    private static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind is HandleKind.TypeReference
            ? $"{NameOf(reader, (TypeReferenceHandle)type.ResolutionScope)}.{reader.GetString(type.Name)}"
            : $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }
}
