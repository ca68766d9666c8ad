using Exchange.Clients;
using Exchange.Protos.V1;
using Grpc.Core;
using Record = Exchange.Protos.V1.Record;

namespace Exchange.Server.Tests.Clients.Scripted;

/// <summary>A hub whose signing key changed takes none of the tokens it gave out before.</summary>
public sealed class TokenRenewalTests
{
    private static readonly GetRecordRequest _request = new() { Name = "resources/complaint/records/1" };

    [Fact]
    public async Task A_token_that_the_hub_no_longer_knows_is_renewed()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Get = (_, context) => ScriptedHub.TokenOf(context) is "token-1" ? throw Invalid() : Task.FromResult(new Record { Name = "found" });

        var found = await hub.Connect().Records.GetAsync(_request, TestContext.Current.CancellationToken);

        Assert.Equal(("found", 2), (found.Name, hub.Tokens));
    }

    [Fact]
    public async Task A_hub_that_takes_the_new_token_no_more_than_the_old_is_asked_once_and_not_for_ever()
    {
        await using var hub = await ScriptedHub.StartAsync();
        hub.Get = (_, _) => throw Invalid();

        var refused = await Assert.ThrowsAsync<ExchangeException>(() => hub.Connect().Records.GetAsync(_request, TestContext.Current.CancellationToken));

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_INVALID"), (refused.Code, refused.Reason));
        Assert.Equal(2, hub.Tokens);
    }

    private static RpcException Invalid() => ScriptedHub.Refusal(StatusCode.Unauthenticated, "TOKEN_INVALID");
}
