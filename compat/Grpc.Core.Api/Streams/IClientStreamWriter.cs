namespace Grpc.Core;

/// <summary>The client's side of a stream of requests.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Tells the server that no more requests come. After the last write, once.</summary>
    Task CompleteAsync();
}
