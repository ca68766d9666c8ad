namespace Exchange.Server.Grpc.Limits;

/// <summary>Whose calls a limit counts together.</summary>
public enum LimitScope
{
    /// <summary>Those of one client.</summary>
    Client,

    /// <summary>Those of all clients of one department.</summary>
    Department,

    /// <summary>All requests from one address, authenticated or not, the token endpoint's too. A network of IPv6 (the first 64 bits) is one address.</summary>
    Address,
}
