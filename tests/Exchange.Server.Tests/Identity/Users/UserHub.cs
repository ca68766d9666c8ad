using Exchange.Server.Tests.Grpc;

namespace Exchange.Server.Tests.Identity.Users;

/// <summary>A hub for tests of people, with the test service.</summary>
public sealed class UserHub : IAsyncLifetime
{
    public TestHub It { get; private set; } = null!;

    public async ValueTask InitializeAsync() => It = await TestHub.StartAsync("users", EdgeHub.Settings);

    public ValueTask DisposeAsync() => It.DisposeAsync();
}
