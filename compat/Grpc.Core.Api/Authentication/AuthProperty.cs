using System.Text;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>One thing the transport proved about the other side of a call.</summary>
public class AuthProperty
{
    private readonly byte[] valueBytes;

    private AuthProperty(string name, byte[] valueBytes)
    {
        Name = name;
        this.valueBytes = valueBytes;
    }

    /// <summary>Name of the property.</summary>
    public string Name { get; }

    /// <summary>The value read as UTF-8.</summary>
    public string Value => Encoding.UTF8.GetString(valueBytes);

    /// <summary>A copy of the value.</summary>
    public byte[] ValueBytes => [.. valueBytes];

    /// <summary>States a property; the bytes are copied.</summary>
    public static AuthProperty Create(string name, byte[] valueBytes) =>
        new(GrpcPreconditions.CheckNotNull(name, nameof(name)), [.. GrpcPreconditions.CheckNotNull(valueBytes, nameof(valueBytes))]);
}
