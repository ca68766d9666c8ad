namespace Grpc.Core;

/// <summary>Whether a channel is connected.</summary>
public enum ConnectivityState
{
    /// <summary>Not connected and not trying.</summary>
    Idle,

    /// <summary>Trying.</summary>
    Connecting,

    /// <summary>Connected.</summary>
    Ready,

    /// <summary>Failed; will try again after a while.</summary>
    TransientFailure,

    /// <summary>Ended for good.</summary>
    Shutdown,
}
