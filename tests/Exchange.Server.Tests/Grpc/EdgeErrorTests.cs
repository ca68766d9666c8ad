using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Grpc;

public sealed class EdgeErrorTests(EdgeHub edge)
{
    [Fact]
    public async Task A_refusal_carries_its_reason_its_metadata_and_every_bad_field()
    {
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "refuse" }).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Equal(exception.Status.Detail, exception.Details().Message);
        Assert.Equal((int)StatusCode.InvalidArgument, exception.Details().Code);
        Assert.Equal("BAD_REQUEST", exception.Reason());
        Assert.Equal("water", exception.Detail<ErrorInfo>()!.Metadata["department"]);
        Assert.Equal(
            [("name", "REQUIRED"), ("level", "UNKNOWN_CODE")],
            exception.Detail<BadRequest>()!.FieldViolations.Select(v => (v.Field, v.Reason)));
    }

    [Fact]
    public async Task A_thousand_bad_fields_still_fit_into_headers_and_say_how_many_were_left_out()
    {
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "refuse much" }).ResponseAsync);

        var shown = exception.Detail<BadRequest>()!.FieldViolations.Count;
        Assert.InRange(shown, 20, 200);
        Assert.Equal($"{1000 - shown}", exception.Detail<ErrorInfo>()!.Metadata["violations_left_out"]);
        Assert.True(exception.Details().CalculateSize() < 6 * 1024);
    }

    [Fact]
    public async Task What_is_said_of_a_request_fits_into_8_KiB_of_headers_however_long_its_parts_are()
    {
        // Headers over a client's limit end its connection, and with it every other call on it.
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "refuse long" }).ResponseAsync);

        var headers = Uri.EscapeDataString(exception.Status.Detail).Length + ((exception.Details().CalculateSize() + 2) / 3 * 4);
        Assert.InRange(headers, 1_000, 8 * 1024);
        Assert.EndsWith("汉…", exception.Status.Detail, StringComparison.Ordinal);
        Assert.EndsWith("🏚…", exception.Detail<ErrorInfo>()!.Metadata["resource"], StringComparison.Ordinal);
        Assert.NotEmpty(exception.Detail<BadRequest>()!.FieldViolations);
    }

    [Theory]
    [InlineData("fail", StatusCode.Internal, "INTERNAL")]
    [InlineData("gone", StatusCode.Cancelled, "CANCELLED")]
    [InlineData("sql", StatusCode.Internal, "INTERNAL")]
    [InlineData("database", StatusCode.Unavailable, "DATABASE_UNAVAILABLE")]
    [InlineData("database stops", StatusCode.Unavailable, "DATABASE_UNAVAILABLE")]
    [InlineData("disk", StatusCode.ResourceExhausted, "STORAGE_FULL")]
    public async Task A_fault_shows_its_kind_and_nothing_of_the_inside_whatever_the_form_of_the_call(string fault, StatusCode code, string reason)
    {
        var calls = await edge.CallsAsync();
        Func<Task>[] forms =
        [
            async () => await calls.UnaryAsync(new EdgeMessage { Text = fault }),
            async () =>
            {
                using var up = calls.Up();
                await up.RequestStream.WriteAsync(new EdgeMessage { Text = fault });
                await up;
            },
            async () =>
            {
                using var down = calls.Down(new EdgeMessage { Text = fault });
                await ReadToEndAsync(down.ResponseStream);
            },
            async () =>
            {
                using var both = calls.Both();
                await both.RequestStream.WriteAsync(new EdgeMessage { Text = fault });
                await ReadToEndAsync(both.ResponseStream);
            },
        ];

        foreach (var form in forms)
        {
            var exception = await Assert.ThrowsAsync<RpcException>(form);

            Assert.Equal((code, reason), (exception.StatusCode, exception.Reason()));
            var everything = exception.Status.Detail + exception.Details() + string.Join(' ', exception.Trailers.Select(t => t.IsBinary ? System.Text.Encoding.UTF8.GetString(t.ValueBytes) : t.Value));
            foreach (var inside in new[] { "canary", "SELECT", "db.internal", "Npgsql", "Exception", "   at ", ".cs" })
            {
                Assert.DoesNotContain(inside, everything, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task The_correlation_id_of_a_fault_finds_its_log_line()
    {
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "fail" }).ResponseAsync);

        var id = exception.Detail<ErrorInfo>()!.Metadata["correlation_id"];
        Assert.Contains(id, exception.Status.Detail, StringComparison.Ordinal);
        Assert.Single((await edge.HubAsync()).Log.Lines, line => line.Contains(id, StringComparison.Ordinal) && line.Contains("InvalidOperationException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unavailable_database_says_when_to_try_again()
    {
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "database" }).ResponseAsync);

        Assert.Equal(TimeSpan.FromSeconds(1), exception.Detail<RetryInfo>()!.RetryDelay.ToTimeSpan());
    }

    [Fact]
    public async Task A_role_that_is_missing_is_named()
    {
        var calls = await edge.CallsAsync();

        var exception = await Assert.ThrowsAsync<RpcException>(() => calls.UnaryAsync(new EdgeMessage { Text = "operator" }).ResponseAsync);

        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), (exception.StatusCode, exception.Reason()));
        Assert.Equal("operator", exception.Detail<ErrorInfo>()!.Metadata["needed"]);
    }

    [Fact]
    public async Task Every_call_leaves_one_log_line_with_who_and_how_it_ended()
    {
        var calls = await edge.CallsAsync();

        await calls.UnaryAsync(new EdgeMessage());

        Assert.Contains((await edge.HubAsync()).Log.Lines, line => line.Contains("/exchange.test.v1.EdgeTest/Unary by edge/edge-system: OK in ", StringComparison.Ordinal));
    }

    private static async Task ReadToEndAsync(IAsyncStreamReader<EdgeMessage> stream)
    {
        while (await stream.MoveNext(TestContext.Current.CancellationToken))
        {
            // Until the status comes.
        }
    }
}
