using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Settings;

/// <summary>What one hub settles for all its departments.</summary>
public sealed class SettingsClient
{
    private readonly HubConnection _hub;
    private readonly SettingsService.SettingsServiceClient _service;

    internal SettingsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new SettingsService.SettingsServiceClient(hub.Invoker);
    }

    /// <summary>The settings.</summary>
    public Task<HubSettings> GetAsync(CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetHubSettingsAsync, new GetHubSettingsRequest(), true, cancellationToken);

    /// <summary>Replaces the settings. An empty etag replaces whatever is there.</summary>
    public Task<HubSettings> UpdateAsync(HubSettings settings, string etag, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.UpdateHubSettingsAsync, new UpdateHubSettingsRequest { Settings = settings, Etag = etag }, true, cancellationToken);
}
