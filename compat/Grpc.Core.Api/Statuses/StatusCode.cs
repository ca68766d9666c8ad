namespace Grpc.Core;

/// <summary>Outcomes of a call; the numbers are those of the wire.</summary>
public enum StatusCode
{
    /// <summary>Done.</summary>
    OK = 0,

    /// <summary>The caller cancelled.</summary>
    Cancelled = 1,

    /// <summary>A failure that nobody classified.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the server.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed; the work may have been done nevertheless.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>What was to be created is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A quota or a limit is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that the call needs; repeating it does not help.</summary>
    FailedPrecondition = 9,

    /// <summary>Another call came in between; start again from a higher level.</summary>
    Aborted = 10,

    /// <summary>Past the valid range, the end of a file say.</summary>
    OutOfRange = 11,

    /// <summary>The server does not have this method.</summary>
    Unimplemented = 12,

    /// <summary>The server broke one of its own rules.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached now; repeating the call may help.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged beyond repair.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}
