namespace Grpc.Core;

/// <summary>Ties calls to the server call they are made from. Opaque: made by <see cref="ServerCallContext.CreatePropagationToken"/>.</summary>
public abstract class ContextPropagationToken
{
    /// <summary>Only gRPC itself derives from it.</summary>
    internal ContextPropagationToken()
    {
    }
}
