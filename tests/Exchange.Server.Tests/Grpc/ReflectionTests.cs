using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Alpha = Grpc.Reflection.V1Alpha;

namespace Exchange.Server.Tests.Grpc;

public sealed class ReflectionTests(EdgeHub edge)
{
    [Fact]
    public async Task Reflection_needs_a_token_in_both_versions()
    {
        var hub = await edge.HubAsync();
        using var v1 = new ServerReflection.ServerReflectionClient(hub.Anonymous).ServerReflectionInfo();
        using var alpha = new Alpha.ServerReflection.ServerReflectionClient(hub.Anonymous).ServerReflectionInfo();

        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), await TestStatus.RefusalOf(() => v1.ResponseStream.MoveNext(CancellationToken.None)));
        Assert.Equal((StatusCode.Unauthenticated, "TOKEN_MISSING"), await TestStatus.RefusalOf(() => alpha.ResponseStream.MoveNext(CancellationToken.None)));
    }

    [Fact]
    public async Task A_tool_learns_services_and_messages_from_reflection_alone()
    {
        var services = (await AskAsync(new ServerReflectionRequest { ListServices = "" })).ListServicesResponse.Service.Select(s => s.Name).ToList();
        var files = (await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "exchange.test.v1.EdgeTest.Unary" })).FileDescriptorResponse.FileDescriptorProto;

        Assert.Contains("exchange.test.v1.EdgeTest", services);
        Assert.Contains("grpc.health.v1.Health", services);
        var built = FileDescriptor.BuildFromByteStrings(files);
        Assert.Equal("EdgeMessage", built[^1].Services.Single().FindMethodByName("Unary").InputType.Name);
    }

    [Fact]
    public async Task Both_versions_give_the_same_file_and_name_what_is_missing()
    {
        var client = await edge.ClientAsync();
        using var alpha = new Alpha.ServerReflection.ServerReflectionClient(client.Invoker).ServerReflectionInfo();
        await alpha.RequestStream.WriteAsync(new Alpha.ServerReflectionRequest { FileByFilename = "grpc/health/v1/health.proto" });
        Assert.True(await alpha.ResponseStream.MoveNext(CancellationToken.None));

        var v1 = await AskAsync(new ServerReflectionRequest { FileByFilename = "grpc/health/v1/health.proto" });
        var missing = await AskAsync(new ServerReflectionRequest { FileContainingSymbol = "no.such.Thing" });

        Assert.Equal(v1.FileDescriptorResponse.FileDescriptorProto, alpha.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        Assert.Equal((int)StatusCode.NotFound, missing.ErrorResponse.ErrorCode);
        Assert.Equal("no.such.Thing", missing.OriginalRequest.FileContainingSymbol);
    }

    private async Task<ServerReflectionResponse> AskAsync(ServerReflectionRequest request)
    {
        var client = await edge.ClientAsync();
        using var call = new ServerReflection.ServerReflectionClient(client.Invoker).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(request);
        await call.RequestStream.CompleteAsync();
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        return call.ResponseStream.Current;
    }
}
