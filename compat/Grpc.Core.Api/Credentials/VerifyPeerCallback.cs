namespace Grpc.Core;

/// <summary>Decides whether the server may be talked to; false or an exception ends the handshake.</summary>
/// <param name="context">The server's certificate and name.</param>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
