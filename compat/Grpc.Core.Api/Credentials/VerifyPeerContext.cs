namespace Grpc.Core;

/// <summary>The server that a <see cref="VerifyPeerCallback"/> is asked about.</summary>
public class VerifyPeerContext
{
    /// <summary>Made by a channel during its handshake.</summary>
    internal VerifyPeerContext(string targetName, string peerPem)
    {
        TargetName = targetName;
        PeerPem = peerPem;
    }

    /// <summary>Name of the server the channel meant to reach.</summary>
    public string TargetName { get; }

    /// <summary>The server's certificate in PEM.</summary>
    public string PeerPem { get; }
}
