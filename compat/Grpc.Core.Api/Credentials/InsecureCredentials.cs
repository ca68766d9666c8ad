namespace Grpc.Core;

/// <summary>A channel without protection.</summary>
internal sealed class InsecureCredentials : ChannelCredentials
{
    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetInsecureCredentials(state);
}
