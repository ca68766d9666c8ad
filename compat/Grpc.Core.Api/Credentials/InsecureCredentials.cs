namespace Grpc.Core;

/// <summary>A channel without protection.</summary>
internal sealed class InsecureCredentials : ChannelCredentials
{
    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object state) =>
        configurator.SetInsecureCredentials(state);

    // A channel decides whether it sends call credentials unprotected; GrpcChannel refuses unless UnsafeUseInsecureChannelCallCredentials is set.
    internal override bool IsComposable => true;
}
