namespace Grpc.Core;

/// <summary>Options of written messages.</summary>
public class WriteOptions
{
    /// <summary>No flag set.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>Sets the flags; none by default.</summary>
    public WriteOptions(WriteFlags flags = default) => Flags = flags;

    /// <summary>Flags of the message.</summary>
    public WriteFlags Flags { get; }
}
