namespace Grpc.Core;

/// <summary>A method of a service, without its message types.</summary>
public interface IMethod
{
    /// <summary>Which sides stream.</summary>
    MethodType Type { get; }

    /// <summary>Full name of the service, e.g. <c>exchange.v1.RecordsService</c>.</summary>
    string ServiceName { get; }

    /// <summary>Name of the method in the service.</summary>
    string Name { get; }

    /// <summary>Path of the method: <c>/service/method</c>.</summary>
    string FullName { get; }
}
