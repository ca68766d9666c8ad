using System.Net.Sockets;
using Npgsql;

namespace Exchange.Server.Tests.Faults;

/// <summary>
/// A way of its own to the tests' database that can be cut. Then nothing passes in either direction and all connections stay open, as when a cable is
/// pulled: nobody is told.
/// </summary>
internal sealed class DatabaseLine : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("line-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _closing = new();
    private readonly UnixDomainSocketEndPoint _database;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _whole = Whole();

    public DatabaseLine(string connectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        var name = $".s.PGSQL.{database.Port}";
        _database = new UnixDomainSocketEndPoint(Path.Combine(database.Host!, name));
        ConnectionString = new NpgsqlConnectionStringBuilder(connectionString) { Host = _folder }.ConnectionString;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, name)));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Goes through here.</summary>
    public string ConnectionString { get; }

    /// <summary>From now on nothing passes.</summary>
    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waited passes, and so does the rest.</summary>
    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _closing.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TaskCompletionSource Whole()
    {
        var whole = new TaskCompletionSource();
        whole.SetResult();
        return whole;
    }

    private async Task AcceptAsync()
    {
        List<Task> carrying = [];
        try
        {
            while (true)
            {
                carrying.Add(CarryAsync(await _listener.AcceptAsync(_closing.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(carrying);
        }
    }

    private async Task CarryAsync(Socket hub)
    {
        using var database = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (hub)
        {
            try
            {
                await database.ConnectAsync(_database, _closing.Token);
                await await Task.WhenAny(PassAsync(hub, database), PassAsync(database, hub));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side is gone: so is the other.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, _closing.Token) is var count and > 0)
        {
            await _whole.Task.WaitAsync(_closing.Token);
            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent..count), _closing.Token);
            }
        }
    }
}
