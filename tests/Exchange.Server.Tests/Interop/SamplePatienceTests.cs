using Exchange.Clients.Identity;
using Exchange.Protos.V1;
using Exchange.Server.Tests.Clients.Scripted;
using Google.Protobuf;
using Grpc.Core;
using Value = Exchange.Protos.V1.Value;

namespace Exchange.Server.Tests.Interop;

/// <summary>How the sample programs take what a hub does only now and then.</summary>
public sealed class SamplePatienceTests
{
    [Theory]
    [InlineData("python")]
    [InlineData("javascript")]
    public async Task A_pull_waits_as_asked_goes_on_behind_its_last_page_and_renews_its_token(string language)
    {
        var (pages, tokens, waited) = (new List<string>(), new List<string>(), TimeSpan.Zero);
        await using var hub = await ScriptedHub.StartAsync();

        // Less than a minute: each call needs a new one.
        hub.TokenLifetime = 50;
        var refused = DateTimeOffset.MaxValue;
        hub.Pull = async (request, responses, context) =>
        {
            pages.Add(request.PageToken);
            tokens.Add(ScriptedHub.TokenOf(context));
            switch (pages.Count)
            {
                case 1:
                    refused = DateTimeOffset.UtcNow;
                    throw ScriptedHub.Refusal(StatusCode.ResourceExhausted, "LOAD_SHED", TimeSpan.FromSeconds(1.5));
                case 2:
                    waited = DateTimeOffset.UtcNow - refused;
                    await SendAsync(responses, "a page", "checkpoint-1");
                    throw ScriptedHub.Refusal(StatusCode.Unavailable, "STOPPING");
                case 3:
                    await SendAsync(responses, "the next", "checkpoint-2");
                    throw ScriptedHub.Refusal(StatusCode.Unauthenticated, "TOKEN_EXPIRED");
                default:
                    await responses.WriteAsync(new PullResponse { End = new PullEnd() }, context.CancellationToken);
                    break;
            }
        };

        var (exitCode, errors, folder) = await PullAsync(language, hub);

        Assert.True(exitCode is 0, errors);
        Assert.Equal(["", "", "a page", "the next"], pages);
        Assert.Equal(["token-1", "token-2", "token-3", "token-4"], tokens);
        Assert.True(waited >= TimeSpan.FromSeconds(1.5), $"{waited}");
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(folder, "copy.jsonl"), TestContext.Current.CancellationToken)).Length);
        Assert.Equal("checkpoint-1", await File.ReadAllTextAsync(Path.Combine(folder, "copy.jsonl.checkpoint"), TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("python", StatusCode.ResourceExhausted, "ROW_TOO_LARGE", "RESOURCE_EXHAUSTED")]
    [InlineData("python", StatusCode.Aborted, "PLAN_CHANGED", "ABORTED")]
    [InlineData("javascript", StatusCode.ResourceExhausted, "ROW_TOO_LARGE", "RESOURCE_EXHAUSTED")]
    [InlineData("javascript", StatusCode.Aborted, "PLAN_CHANGED", "ABORTED")]
    public async Task What_would_not_go_better_again_is_not_tried_again(string language, StatusCode code, string reason, string name)
    {
        var calls = 0;
        await using var hub = await ScriptedHub.StartAsync();
        hub.Pull = (_, _, _) =>
        {
            calls++;
            throw ScriptedHub.Refusal(code, reason);
        };

        var (exitCode, errors, folder) = await PullAsync(language, hub);

        Assert.Equal((1, 1), (exitCode, calls));
        Assert.Contains($"{name} {reason}: ", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "copy.jsonl.checkpoint")));
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(int ExitCode, string Errors, string Folder)> PullAsync(string language, ScriptedHub hub)
    {
        var sample = await ForeignProgram.SampleAsync(language);
        var folder = Directory.CreateTempSubdirectory("sample-").FullName;
        var keyFile = Path.Combine(folder, "key.pem");
        await File.WriteAllTextAsync(keyFile, ClientKey.Create().ToPem(), TestContext.Current.CancellationToken);
        var (exitCode, _, errors) = await sample.For(hub.Grpc, hub.TokenEndpoint, "centre-system", keyFile).RunAsync("pull", Path.Combine(folder, "copy.jsonl"));
        return (exitCode, string.Join('\n', errors), folder);
    }

    private static async Task SendAsync(IServerStreamWriter<PullResponse> responses, string page, string checkpoint)
    {
        await responses.WriteAsync(new PullResponse { Start = new PullStart { Checkpoint = checkpoint, Columns = { new Column { Field = "title", Type = FieldType.Text } } } });
        var row = new RecordRow { RecordId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()), Version = 1, Values = { new Value { Text = page } } };
        await responses.WriteAsync(new PullResponse { Batch = new RecordBatch { Rows = { row }, PageToken = page } });
    }
}
