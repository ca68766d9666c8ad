using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>Several call credentials as one.</summary>
internal sealed class CompositeCallCredentials : CallCredentials
{
    private readonly IReadOnlyList<CallCredentials> credentials;

    internal CompositeCallCredentials(CallCredentials[] credentials)
    {
        GrpcPreconditions.CheckNotNull(credentials, nameof(credentials));
        GrpcPreconditions.CheckArgument(credentials.Length >= 2, "composing call credentials takes at least two");
        GrpcPreconditions.CheckArgument(!credentials.Contains(null), "one of the call credentials to compose is null");
        this.credentials = [.. credentials];
    }

    public override void InternalPopulateConfiguration(CallCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetCompositeCredentials(state, credentials);
}
