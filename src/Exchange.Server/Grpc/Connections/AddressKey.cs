using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Exchange.Server.Grpc.Connections;

/// <summary>An address as limits count it: one of IPv4 whole, one of IPv6 by its network (the first 64 bits), which is the least that a host is given.</summary>
/// <param name="Network">The network; 0 for IPv4.</param>
/// <param name="Host">The address of IPv4; 0 for IPv6.</param>
internal readonly record struct AddressKey(ulong Network, uint Host)
{
    /// <summary>The key of an address; of none, one for all without.</summary>
    public static AddressKey Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out _))
        {
            return default;
        }

        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return new AddressKey(0, BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }

        return address.IsIPv4MappedToIPv6
            ? new AddressKey(0, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new AddressKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), 0);
    }
}
