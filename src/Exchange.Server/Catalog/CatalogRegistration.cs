using Exchange.Server.Catalog.CodeLists;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Catalog.Sheets;
using Exchange.Server.Records.Subjects;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Exchange.Server.Catalog;

/// <summary>Registers the catalog feature.</summary>
internal static class CatalogRegistration
{
    /// <summary>Adds the services.</summary>
    public static void AddCatalog(this IServiceCollection services)
    {
        services.TryAddSingleton<SubjectTables>();
        services.AddSingleton<ResourcePublishing>();
        services.AddSingleton<CodeListPublishing>();
        services.AddSingleton<ResourceHistory>();
        services.AddSingleton<CatalogSearch>();
        services.AddHostedService(provider => provider.GetRequiredService<CatalogSearch>());
        services.AddSingleton<QualityMeasurer>();
        services.AddHostedService<QualityRunner>();
        services.AddSingleton<QualityReader>();
        services.AddSingleton<CatalogService>();
        services.AddSingleton<ResourceDraftsService>();
        services.AddSingleton<SharingListsService>();
    }

    /// <summary>Serves them.</summary>
    public static void MapCatalog(this WebApplication application)
    {
        application.MapGrpcService<CatalogService>();
        application.MapGrpcService<ResourceDraftsService>();
        application.MapGrpcService<SharingListsService>();
    }
}
