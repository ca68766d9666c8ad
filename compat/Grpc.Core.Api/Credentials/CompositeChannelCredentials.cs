using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>A channel with credentials for every call.</summary>
internal sealed class CompositeChannelCredentials : ChannelCredentials
{
    private readonly ChannelCredentials channelCredentials;
    private readonly CallCredentials callCredentials;

    internal CompositeChannelCredentials(ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        this.channelCredentials = GrpcPreconditions.CheckNotNull(channelCredentials, nameof(channelCredentials));
        this.callCredentials = GrpcPreconditions.CheckNotNull(callCredentials, nameof(callCredentials));
        GrpcPreconditions.CheckArgument(channelCredentials.IsComposable, "these channel credentials do not take call credentials: add them to TLS or insecure credentials");
    }

    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object state) =>
        configurator.SetCompositeCredentials(state, channelCredentials, callCredentials);
}
