using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>What the transport proved about the other side of a call, its TLS certificate above all.</summary>
public class AuthContext
{
    private readonly Dictionary<string, List<AuthProperty>> properties;

    /// <summary>States the proven properties; a null name means that the other side is not authenticated.</summary>
    public AuthContext(string? peerIdentityPropertyName, Dictionary<string, List<AuthProperty>> properties)
    {
        PeerIdentityPropertyName = peerIdentityPropertyName;
        this.properties = GrpcPreconditions.CheckNotNull(properties, nameof(properties));
    }

    /// <summary>Whether the transport proved who the other side is.</summary>
    public bool IsPeerAuthenticated => PeerIdentityPropertyName is not null;

    /// <summary>Name of the property that identifies the other side; null when it is not authenticated.</summary>
    public string? PeerIdentityPropertyName { get; }

    /// <summary>The properties of that name; none when the other side is not authenticated.</summary>
    public IEnumerable<AuthProperty> PeerIdentity => PeerIdentityPropertyName is null ? [] : FindPropertiesByName(PeerIdentityPropertyName);

    /// <summary>All properties.</summary>
    public IEnumerable<AuthProperty> Properties => properties.Values.SelectMany(list => list);

    /// <summary>The properties of one name; none when there is no such name.</summary>
    public IEnumerable<AuthProperty> FindPropertiesByName(string propertyName) =>
        properties.TryGetValue(propertyName, out var found) ? found : [];
}
