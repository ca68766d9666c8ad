using Exchange.Server.Identity;
using Exchange.Server.Tests.Faults.Floods;
using Exchange.Server.Tests.Faults.Messages;
using Exchange.Server.Tests.Grpc;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>T31: what no client library sends: two authorization fields on the wire, and a token in trailers. The hub's count tells how it answered.</summary>
public sealed class RawMetadataTests
{
    [Fact]
    public async Task Two_authorization_fields_and_a_token_in_trailers_are_refused_by_every_call_and_counted()
    {
        await using var hub = await TestHub.StartAsync("raw_metadata", EdgeHub.Settings);
        var token = (await hub.RegisterAsync("water")).AccessToken;
        var authorization = ("authorization", $"Bearer {token}");
        using var connection = await RawHttp2.ConnectAsync(hub.Node.Addresses.Grpc, "127.0.0.1");
        await connection.BeginAsync();
        var lines = Lines(hub);
        var stream = -1;
        foreach (var method in RawCall.Methods.Select(method => $"/{method.Service.FullName}/{method.Name}"))
        {
            foreach (var (headers, trailers) in new[] { (RawHttp2.HeadersOf(method, token, authorization), null), (RawHttp2.HeadersOf(method, null), RawHttp2.Literals(authorization)) })
            {
                stream += 2;
                await connection.SendAsync(RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders, stream, headers));
                await connection.SendAsync(RawHttp2.Frame(RawHttp2.Data, trailers is null ? RawHttp2.EndStream : (byte)0, stream, GrpcCalls.Frame([])));
                if (trailers is not null)
                {
                    await connection.SendAsync(RawHttp2.Frame(RawHttp2.Headers, RawHttp2.EndHeaders | RawHttp2.EndStream, stream, trailers));
                }

                await connection.CatchUpAsync();
            }
        }

        var each = (long)RawCall.Methods.Count;
        Assert.Equal([("TOKEN_INVALID", each), ("TOKEN_MISSING", each)], await CountsAsync(hub, 2 * each));
        Assert.Equal(lines, Lines(hub));
    }

    // The last ones may still be looked at.
    private static async Task<List<(string, long)>> CountsAsync(TestHub hub, long expected)
    {
        List<(string Reason, long Count)> counts;
        var began = System.Diagnostics.Stopwatch.StartNew();
        do
        {
            await hub.Services.GetRequiredService<RefusedRequests>().WriteAsync();
            counts = [];
            await using var command = hub.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT reason, sum(count)::bigint FROM identity.refused_request GROUP BY reason ORDER BY reason");
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                counts.Add((reader.GetString(0), reader.GetInt64(1)));
            }
        }
        while (counts.Sum(count => count.Count) < expected && began.Elapsed < TimeSpan.FromSeconds(30));
        return counts;
    }

    private static int Lines(TestHub hub) => hub.Log.Lines.Count(line => line.Contains("Grpc.GrpcEdge", StringComparison.Ordinal));
}
