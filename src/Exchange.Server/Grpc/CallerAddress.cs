using System.Net;
using System.Net.Sockets;
using Exchange.Catalog;

namespace Exchange.Server.Grpc;

/// <summary>The address of a caller as policies see it.</summary>
internal static class CallerAddress
{
    /// <summary>An address in policies' words: those of IPv4 are written as such, whatever the socket makes of them.</summary>
    public static string? Of(IPAddress? address) => (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString();

    /// <summary>An address that a request names; empty when it names none. Short forms such as `10.1` are refused: they are not what they look like.</summary>
    public static Result<string> Parse(string field, string text) =>
        text.Length is 0 ? ""
        : IPAddress.TryParse(text, out var address) && (address.AddressFamily is AddressFamily.InterNetworkV6 || address.ToString() == text) ? Of(address)!
        : Refusal.Invalid(field, "INVALID_ADDRESS", "must be one address such as `10.0.0.7` or `fd00::7`");
}
