using System.Collections.Frozen;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Exchange.Server.Grpc;

/// <summary>The services this program really serves, with their descriptors: read off the mapped endpoints, so nothing can be forgotten.</summary>
internal sealed class ServiceCatalog(IEnumerable<EndpointDataSource> endpoints)
{
    private readonly Lazy<FrozenDictionary<string, ServiceDescriptor>> services = new(() => Read(endpoints));

    /// <summary>Full names, sorted.</summary>
    public IEnumerable<string> Names => services.Value.Keys.Order(StringComparer.Ordinal);

    /// <summary>Files that declare the services, and all they import.</summary>
    public IEnumerable<FileDescriptor> Files => services.Value.Values.Select(service => service.File).SelectMany(WithImports).DistinctBy(file => file.Name);

    /// <summary>True for a served service and for the empty name, which is the hub.</summary>
    public bool Has(string name) => name.Length is 0 || services.Value.ContainsKey(name);

    /// <summary>The file and what it imports, imports first.</summary>
    public static IEnumerable<FileDescriptor> WithImports(FileDescriptor file) => file.Dependencies.SelectMany(WithImports).Append(file).DistinctBy(f => f.Name);

    private static FrozenDictionary<string, ServiceDescriptor> Read(IEnumerable<EndpointDataSource> endpoints)
    {
        var methods = endpoints
            .SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>())
            .OfType<GrpcMethodMetadata>()
            .ToList();
        var found = methods
            .Select(method => Descriptor(method.ServiceType))
            .OfType<ServiceDescriptor>()
            .DistinctBy(service => service.FullName)
            .ToFrozenDictionary(service => service.FullName);

        // A method may be served by a class of its own, beside its service.
        return methods.Find(method => !found.ContainsKey(method.Method.ServiceName)) is { } stray
            ? throw new InvalidOperationException($"{stray.ServiceType} serves {stray.Method.FullName}, whose service is not built on a generated one")
            : found;
    }

    // protoc puts the base class of a service into a static class that has the descriptor.
    private static ServiceDescriptor? Descriptor(Type service)
    {
        for (var type = service; type is not null; type = type.BaseType)
        {
            if (type.DeclaringType?.GetProperty("Descriptor")?.GetValue(null) is ServiceDescriptor descriptor)
            {
                return descriptor;
            }
        }

        return null;
    }
}
