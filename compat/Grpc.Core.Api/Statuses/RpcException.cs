using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A call ended with another status than OK. A handler throws it to end its call that way.</summary>
public class RpcException : Exception
{
    /// <summary>With the status as message and no trailers.</summary>
    public RpcException(Status status)
        : this(status, Metadata.Empty)
    {
    }

    /// <summary>With a message of its own and no trailers.</summary>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>With the status as message.</summary>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>With a message of its own. The status's exception becomes the inner exception.</summary>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        Status = status;
        Trailers = GrpcPreconditions.CheckNotNull(trailers, nameof(trailers));
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>Metadata that came with the status; empty when there was none.</summary>
    public Metadata Trailers { get; }
}
