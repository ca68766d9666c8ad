using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests;

/// <summary>Reads the google.rpc details of a failed call.</summary>
public static class TestStatus
{
    /// <summary>The details. Fails when there are none.</summary>
    public static Google.Rpc.Status Details(this RpcException exception) =>
        Google.Rpc.Status.Parser.ParseFrom(exception.Trailers.GetValueBytes("grpc-status-details-bin") ?? throw new InvalidOperationException("the status has no details", exception));

    /// <summary>The first detail of a kind, or null.</summary>
    public static T? Detail<T>(this RpcException exception)
        where T : class, IMessage, new() => exception.Details().Details.Select(any => any.TryUnpack<T>(out var detail) ? detail : null).FirstOrDefault(detail => detail is not null);

    /// <summary>The stable reason. Fails when there is none.</summary>
    public static string Reason(this RpcException exception) => exception.Detail<ErrorInfo>() is { Domain: "dataexchange", Reason: { Length: > 0 } reason }
        ? reason
        : throw new InvalidOperationException("the status has no reason", exception);

    /// <summary>Runs a call that must fail, and returns its code and reason.</summary>
    public static async Task<(StatusCode Code, string Reason)> RefusalOf(Func<Task> call)
    {
        var exception = await Assert.ThrowsAnyAsync<RpcException>(call);
        return (exception.StatusCode, exception.Reason());
    }

    /// <summary>Runs a call that must fail for one field, and returns the field and what is wrong with it.</summary>
    public static async Task<string> ViolationOf(Func<Task> call)
    {
        var exception = await Assert.ThrowsAnyAsync<RpcException>(call);
        var violation = Assert.Single(exception.Detail<BadRequest>()!.FieldViolations);
        return $"{violation.Field} {violation.Reason}";
    }
}
