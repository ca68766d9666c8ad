using Exchange.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Clients.Catalog;

/// <summary>Publishes catalog files through the public API. What is there already is left alone, so publishing again changes nothing.</summary>
public static class CatalogPublisher
{
    private const int CategoriesPerCall = 2000;

    /// <summary>Publishes all files together: departments first, then categories, code lists, resources, sharing lists.</summary>
    /// <param name="client">An operator's client.</param>
    /// <param name="stewardOf">Client of a department's steward, by the department's name: sharing lists are theirs.</param>
    /// <param name="files">The files.</param>
    /// <param name="onPublished">Told of each item as it is done.</param>
    /// <param name="cancellationToken">Ends it; what is done stays.</param>
    /// <exception cref="ExchangeException">The hub refuses an item; those before it are published.</exception>
    public static async Task PublishAsync(
        ExchangeClient client,
        Func<string, Task<ExchangeClient>> stewardOf,
        IReadOnlyList<CatalogFile> files,
        Action<PublishedItem> onPublished,
        CancellationToken cancellationToken)
    {
        foreach (var department in files.SelectMany(f => f.Departments))
        {
            onPublished(await PublishAsync(client, department, cancellationToken));
        }

        foreach (var categories in files.SelectMany(f => f.Categories).Chunk(CategoriesPerCall))
        {
            var changed = await client.Catalog.DefineCategoriesAsync(categories, cancellationToken);
            onPublished(new PublishedItem("categories", $"{categories.Length} categories", changed > 0 ? PublishOutcome.Published : PublishOutcome.Unchanged));
        }

        foreach (var list in files.SelectMany(f => f.CodeLists))
        {
            var before = await FindAsync(() => client.Catalog.GetCodeListAsync(list.Name, cancellationToken));
            var after = await client.Catalog.PublishCodeListAsync(list, cancellationToken);
            onPublished(new PublishedItem("code list", list.Name, before?.Version == after.Version ? PublishOutcome.Unchanged : PublishOutcome.Published));
        }

        foreach (var resource in files.SelectMany(f => f.Resources))
        {
            var before = await FindAsync(() => client.Catalog.GetResourceAsync(resource.Name, cancellationToken));
            var after = await client.Catalog.PublishResourceAsync(resource, cancellationToken);
            onPublished(new PublishedItem("resource", resource.Name, before?.Revision == after.Revision ? PublishOutcome.Unchanged : PublishOutcome.Published));
        }

        foreach (var list in files.SelectMany(f => f.SharingLists))
        {
            var steward = await stewardOf(list.Name[..list.Name.IndexOf("/sharingLists/", StringComparison.Ordinal)]);
            onPublished(await PublishAsync(steward, list, cancellationToken));
        }
    }

    private static async Task<PublishedItem> PublishAsync(ExchangeClient steward, SharingList list, CancellationToken cancellationToken)
    {
        try
        {
            var before = await FindAsync(() => steward.Catalog.GetSharingListAsync(list.Name, cancellationToken));
            var after = await steward.Catalog.UpdateSharingListAsync(list, cancellationToken);
            var outcome = after.PendingChange.Length > 0 ? PublishOutcome.Waits : before?.Etag == after.Etag ? PublishOutcome.Unchanged : PublishOutcome.Published;
            return new PublishedItem("sharing list", list.Name, outcome) { PendingChange = after.PendingChange };
        }
        catch (ExchangeException e) when (e.Reason is "CHANGE_PENDING")
        {
            // Published before, and nobody has looked at it yet.
            return new PublishedItem("sharing list", list.Name, PublishOutcome.Waits) { PendingChange = e.Metadata.GetValueOrDefault("pending_change", "") };
        }
    }

    private static async Task<PublishedItem> PublishAsync(ExchangeClient client, Department department, CancellationToken cancellationToken)
    {
        var there = await FindAsync(() => client.Departments.GetAsync(department.Name, cancellationToken));
        if (there is null)
        {
            await client.Departments.CreateAsync(department, cancellationToken);
            return new PublishedItem("department", department.Name, PublishOutcome.Published);
        }

        (there.CreateTime, there.Etag) = (null, "");
        return new PublishedItem("department", department.Name, IsSame(there, department) ? PublishOutcome.Unchanged : PublishOutcome.KeptOther);
    }

    /// <summary>Source systems are a set: their order says nothing.</summary>
    private static bool IsSame(Department a, Department b)
    {
        var (left, right) = (a.Clone(), b.Clone());
        var systems = left.SourceSystems.ToHashSet(StringComparer.Ordinal).SetEquals(right.SourceSystems);
        left.SourceSystems.Clear();
        right.SourceSystems.Clear();
        return systems && left.Equals(right);
    }

    private static async Task<T?> FindAsync<T>(Func<Task<T>> get)
        where T : class, IMessage
    {
        try
        {
            return await get();
        }
        catch (ExchangeException e) when (e.Code is StatusCode.NotFound)
        {
            return null;
        }
    }
}

/// <summary>What became of one item of a catalog file.</summary>
/// <param name="Kind">`department`, `categories`, `code list`, `resource` or `sharing list`.</param>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record PublishedItem(string Kind, string Name, PublishOutcome Outcome)
{
    /// <summary>The change that waits for a second steward, by its name; empty for none.</summary>
    public string PendingChange { get; init; } = "";
}

/// <summary>Outcomes of publishing.</summary>
public enum PublishOutcome
{
    /// <summary>It is new, or there is a new revision of it.</summary>
    Published,

    /// <summary>It was there.</summary>
    Unchanged,

    /// <summary>A department of that id is there with other names, level, parent or source systems, and stays as it is.</summary>
    KeptOther,

    /// <summary>It is about fields of level 3 or 4 and waits for a second steward.</summary>
    Waits,
}
