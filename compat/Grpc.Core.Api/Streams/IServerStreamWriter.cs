namespace Grpc.Core;

/// <summary>The server's side of a stream of responses; the handler's return ends it.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
