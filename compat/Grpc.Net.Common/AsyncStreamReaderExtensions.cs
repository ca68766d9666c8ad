using System.Runtime.CompilerServices;

namespace Grpc.Core;

/// <summary>Reads streams with <c>await foreach</c>.</summary>
public static class AsyncStreamReaderExtensions
{
    /// <summary>All messages up to the end of the stream. A stream can be read once; leaving the loop early does not end the call, disposing the call does.</summary>
    public static IAsyncEnumerable<T> ReadAllAsync<T>(this IAsyncStreamReader<T> streamReader, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        return ReadAsync(streamReader, cancellationToken);
    }

    private static async IAsyncEnumerable<T> ReadAsync<T>(
        IAsyncStreamReader<T> streamReader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await streamReader.MoveNext(cancellationToken).ConfigureAwait(false))
        {
            yield return streamReader.Current;
        }
    }
}
