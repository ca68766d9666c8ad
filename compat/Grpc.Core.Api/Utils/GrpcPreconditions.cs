using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core.Utils;

/// <summary>Checks of arguments and state.</summary>
public static class GrpcPreconditions
{
    /// <summary><see cref="ArgumentException"/> unless the condition holds.</summary>
    public static void CheckArgument([DoesNotReturnIf(false)] bool condition)
    {
        if (!condition)
        {
            throw new ArgumentException(message: null);
        }
    }

    /// <summary><see cref="ArgumentException"/> with this message unless the condition holds.</summary>
    public static void CheckArgument([DoesNotReturnIf(false)] bool condition, string errorMessage)
    {
        if (!condition)
        {
            throw new ArgumentException(errorMessage);
        }
    }

    /// <summary>The reference; <see cref="ArgumentNullException"/> when it is null.</summary>
    public static T CheckNotNull<T>([NotNull] T? reference) => reference ?? throw new ArgumentNullException(nameof(reference));

    /// <summary>The reference; <see cref="ArgumentNullException"/> naming the parameter when it is null.</summary>
    public static T CheckNotNull<T>([NotNull] T? reference, string paramName) => reference ?? throw new ArgumentNullException(paramName);

    /// <summary><see cref="InvalidOperationException"/> unless the condition holds.</summary>
    public static void CheckState([DoesNotReturnIf(false)] bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException();
        }
    }

    /// <summary><see cref="InvalidOperationException"/> with this message unless the condition holds.</summary>
    public static void CheckState([DoesNotReturnIf(false)] bool condition, string errorMessage)
    {
        if (!condition)
        {
            throw new InvalidOperationException(errorMessage);
        }
    }
}
