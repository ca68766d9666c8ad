using Exchange.Server.Records.Subjects;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Exchange.Server.Catalog;

/// <summary>Registers the catalog feature.</summary>
internal static class CatalogRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton<SubjectTables>();
        services.AddSingleton<ResourcePublishing>();
        services.AddSingleton<CatalogService>();
    }

    /// <summary>Serves it.</summary>
    public static void MapCatalog(this WebApplication application) => application.MapGrpcService<CatalogService>();
}
