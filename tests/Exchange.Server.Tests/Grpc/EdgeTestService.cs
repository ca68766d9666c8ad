using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Npgsql;

namespace Exchange.Server.Tests.Grpc;

/// <summary>Does what the message's text says.</summary>
public sealed class EdgeTestService : EdgeTest.EdgeTestBase
{
    public const string Secret = "canary-7f3a: Host=db.internal; SELECT * FROM person";

    public override async Task<EdgeMessage> Unary(EdgeMessage request, ServerCallContext context)
    {
        await ActAsync(request.Text, context);
        if (request.Text is "deadline")
        {
            return new EdgeMessage { Text = (context.Deadline - DateTime.UtcNow).TotalSeconds.ToString(CultureInfo.InvariantCulture) };
        }

        if (request.Text is "large")
        {
            return new EdgeMessage { Text = new string('x', 8 * 1024) };
        }

        return new EdgeMessage { Text = $"{context.Caller.Department}/{context.Caller.Client}/{context.Caller.Role}" };
    }

    public override async Task<EdgeMessage> Up(IAsyncStreamReader<EdgeMessage> requestStream, ServerCallContext context)
    {
        var count = 0;
        while (await requestStream.MoveNext(CancellationToken.None))
        {
            await ActAsync(requestStream.Current.Text, context);
            count++;
        }

        return new EdgeMessage { Text = $"{count}" };
    }

    public override async Task Down(EdgeMessage request, IServerStreamWriter<EdgeMessage> responseStream, ServerCallContext context)
    {
        await responseStream.WriteAsync(new EdgeMessage { Text = "begun" });
        await ActAsync(request.Text, context);
    }

    public override async Task Both(IAsyncStreamReader<EdgeMessage> requestStream, IServerStreamWriter<EdgeMessage> responseStream, ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await ActAsync(requestStream.Current.Text, context);
            await responseStream.WriteAsync(requestStream.Current);
        }
    }

    private static async Task ActAsync(string text, ServerCallContext context)
    {
        switch (text)
        {
            case "hang":
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                break;
            case "hang deaf":
                await Task.Delay(Timeout.Infinite, new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
                break;
            case "swallow":
                await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            case "refuse":
                _ = Refused().OrThrow();
                break;
            case "refuse much":
                Result<string> many = Refusal.Invalid([.. Enumerable.Range(0, 1000).Select(i => new FieldViolation($"fields[{i}]", "TOO_LONG", "is too long: at most 200 characters"))]);
                _ = many.OrThrow();
                break;
            case "refuse long":
                var part = string.Concat(Enumerable.Repeat("汉", 8_001));
                Result<string> longOne = Refusal.Invalid([.. Enumerable.Range(0, 100).Select(i => new FieldViolation($"fields[{i}].{part}", "UNKNOWN_FIELD", $"there is no `{part}`"))]) with
                {
                    Metadata = new Dictionary<string, string> { ["resource"] = string.Concat(Enumerable.Repeat("🏚", 8_001)) },
                };
                _ = longOne.OrThrow();
                break;
            case "operator":
                _ = context.CallerIn(Role.Operator).OrThrow();
                break;
            case "gone":
                throw new InvalidOperationException("Can't read messages after the request is complete.");
            case "fail":
                throw new InvalidOperationException(Secret);
            case "database":
                throw new NpgsqlException(Secret, new System.Net.Sockets.SocketException(111));
            case "database stops":
                throw new PostgresException(Secret, "FATAL", "FATAL", PostgresErrorCodes.AdminShutdown);
            case "disk":
                throw new PostgresException(Secret, "ERROR", "ERROR", PostgresErrorCodes.DiskFull);
            case "sql":
                throw new PostgresException(Secret, "ERROR", "ERROR", PostgresErrorCodes.SyntaxError);
            default:
                break;
        }
    }

    private static Result<string> Refused() => Refusal.Invalid([new("name", "REQUIRED", "is missing"), new("level", "UNKNOWN_CODE", "is not a level")]) with
    {
        Metadata = new Dictionary<string, string> { ["department"] = "water" },
    };
}
