using Google.Protobuf;

namespace Exchange.Server.Tests.Matrix;

/// <summary>
/// What every caller gets of one RPC on given data. <paramref name="Expected"/> has one code for each of <see cref="MatrixCity.Callers"/>, in their order:
/// OK; ROLE, OWN and SYSTEM for PERMISSION_DENIED; NO_THING for NOT_FOUND `THING_NOT_FOUND`; ETAG, VERSION, STATE and BAD for who has the right and is
/// refused for the etag, the version, the state or the content.
/// </summary>
/// <param name="Rpc">Service and method.</param>
/// <param name="About">What the call is about, seen from the departments.</param>
/// <param name="Request">The message, made anew for each caller.</param>
/// <param name="Expected">The codes; bars only part the groups.</param>
/// <param name="Absent">The same about a thing that does not exist: every code NO_THING must be the same answer, byte for byte, but for the id, and so every answer to the stranger.</param>
internal sealed record MatrixRow(string Rpc, string About, Func<MatrixCity, IMessage> Request, string Expected, Func<MatrixCity, IMessage>? Absent = null)
{
    /// <summary>The codes in the order of the callers.</summary>
    public string[] Codes { get; } = Expected.Split([' ', '|'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Status and reason of a code.</summary>
    public static string Meaning(string code) => code switch
    {
        "OK" => "OK",
        "ROLE" => "PermissionDenied ROLE_REQUIRED",
        "OWN" => "PermissionDenied NOT_OWN_DEPARTMENT",
        "SYSTEM" => "PermissionDenied NOT_OWN_SOURCE_SYSTEM",
        "ETAG" => "Aborted STALE_ETAG",
        "VERSION" => "Aborted STALE_VERSION",
        "STATE" => "FailedPrecondition WRONG_STATE",
        "BAD" => "InvalidArgument BAD_REQUEST",
        _ when code.StartsWith("NO_", StringComparison.Ordinal) => $"NotFound {code[3..]}_NOT_FOUND",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "no such code"),
    };

    public override string ToString() => $"{Rpc}: {About}";
}
