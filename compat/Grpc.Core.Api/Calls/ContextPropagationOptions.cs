namespace Grpc.Core;

/// <summary>What a call made from inside a server call inherits from it.</summary>
public class ContextPropagationOptions
{
    /// <summary>Inherits deadline and cancellation.</summary>
    public static readonly ContextPropagationOptions Default = new();

    /// <summary>Sets what is inherited; everything by default.</summary>
    public ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
    {
        IsPropagateDeadline = propagateDeadline;
        IsPropagateCancellation = propagateCancellation;
    }

    /// <summary>Whether the deadline of the server call bounds the inner call.</summary>
    public bool IsPropagateDeadline { get; }

    /// <summary>Whether cancelling the server call cancels the inner call.</summary>
    public bool IsPropagateCancellation { get; }
}
