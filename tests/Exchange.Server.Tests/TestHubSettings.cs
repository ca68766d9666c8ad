using Exchange.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Exchange.Server.Tests;

/// <summary>How a test wants its hub. Nothing needs to be set.</summary>
public sealed record TestHubSettings
{
    /// <summary>An existing empty database; null makes one.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Changes to the options.</summary>
    public Func<HubOptions, HubOptions> Options { get; init; } = options => options;

    /// <summary>Services of the test's own.</summary>
    public Action<IServiceCollection> Add { get; init; } = _ => { };

    /// <summary>Endpoints of the test's own.</summary>
    public Action<WebApplication> Map { get; init; } = _ => { };

    /// <summary>True keeps what libraries log.</summary>
    public bool LogsLibraries { get; init; }

    internal TestLog Log { get; init; } = new();
}
