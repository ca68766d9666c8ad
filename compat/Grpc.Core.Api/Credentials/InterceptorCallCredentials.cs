using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>Call credentials computed for each call.</summary>
internal sealed class InterceptorCallCredentials(AsyncAuthInterceptor interceptor) : CallCredentials
{
    private readonly AsyncAuthInterceptor interceptor = GrpcPreconditions.CheckNotNull(interceptor, nameof(interceptor));

    public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetAsyncAuthInterceptorCredentials(state, interceptor);
}
