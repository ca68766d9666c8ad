using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using HubSettings = Exchange.Protos.V1.HubSettings;

namespace Exchange.Server.Settings;

/// <summary>Keeps what one hub settles for all its departments.</summary>
internal sealed class SettingsService(GovernanceCommands commands, GovernanceStore store) : Protos.V1.SettingsService.SettingsServiceBase
{
    /// <inheritdoc/>
    public override async Task<HubSettings> GetHubSettings(GetHubSettingsRequest request, ServerCallContext context) =>
        (await store.ConfirmAsync(context.CancellationToken)).OrThrow().Settings.ToProto();

    /// <inheritdoc/>
    public override async Task<HubSettings> UpdateHubSettings(UpdateHubSettingsRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var settings = (request.Settings ?? new HubSettings()).ToDomain();
        var updated = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Settings, (state, _) => HubSettingsRules.Update(state, settings, request.Etag), context.CancellationToken);
        return updated.OrThrow().ToProto();
    }
}
