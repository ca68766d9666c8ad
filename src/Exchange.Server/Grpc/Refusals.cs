using Exchange.Catalog;

namespace Exchange.Server.Grpc;

/// <summary>Where a refusal becomes an RpcException; nowhere else.</summary>
public static class Refusals
{
    /// <summary>The value, or an RpcException with the refusal's status and details.</summary>
    public static T OrThrow<T>(this Result<T> result)
        where T : notnull => result.Refusal is { } refusal ? throw refusal.ToException() : result.Value;

    /// <summary>Throws when there is a refusal: for checks that answer with nothing when all is well.</summary>
    public static void OrThrow(this Refusal? refusal)
    {
        if (refusal is not null)
        {
            throw refusal.ToException();
        }
    }
}
