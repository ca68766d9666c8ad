namespace Exchange.Catalog;

/// <summary>What sort of "no" a refusal is; the gRPC edge maps each to one status code.</summary>
public enum RefusalKind
{
    /// <summary>The request is bad and stays bad.</summary>
    InvalidArgument,

    /// <summary>There is no such thing, or the caller may not know of it.</summary>
    NotFound,

    /// <summary>The name is taken.</summary>
    AlreadyExists,

    /// <summary>The caller may not; the message names the next step.</summary>
    PermissionDenied,

    /// <summary>The hub or the thing is in a state that forbids it.</summary>
    FailedPrecondition,

    /// <summary>Somebody else was faster: read again and retry.</summary>
    Aborted,

    /// <summary>A limit is reached.</summary>
    ResourceExhausted,

    /// <summary>Retry later.</summary>
    Unavailable,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated,

    /// <summary>A position or page lies outside what there is.</summary>
    OutOfRange,
}
