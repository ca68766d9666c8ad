using Exchange.Catalog;

namespace Exchange.Server.Access;

/// <summary>Reasons for which reads are refused.</summary>
internal static class ReadReasons
{
    /// <summary>The caller may read nothing of the resource, or not one of the fields it asks for.</summary>
    public static RefusalReason ReadDenied { get; } = new("READ_DENIED", RefusalKind.PermissionDenied);

    /// <summary>A right that a stream relied on ended while it ran.</summary>
    public static RefusalReason RightEnded { get; } = new("RIGHT_ENDED", RefusalKind.PermissionDenied);
}
