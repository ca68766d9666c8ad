using Exchange.Clients;
using Exchange.Clients.Mapping;
using Exchange.Protos.V1;

namespace Exchange.Cli.Records;

/// <summary>The resource of a mapping and its code lists as the hub has them, against which mappings are checked.</summary>
internal sealed record MappedResource(Resource Resource, IReadOnlyDictionary<string, IReadOnlySet<string>> CodeLists)
{
    public static async Task<MappedResource> GetAsync(ExchangeClient client, string resource, CancellationToken cancellationToken)
    {
        var found = await client.Catalog.GetResourceAsync($"resources/{resource}", cancellationToken);
        var lists = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var name in found.Fields.Select(f => f.CodeList).Where(n => n.Length > 0).Distinct())
        {
            var list = await client.Catalog.GetCodeListAsync(name, cancellationToken);
            lists[name] = list.Codes.Where(c => !c.Retired).Select(c => c.Code_).ToHashSet(StringComparer.Ordinal);
        }

        return new MappedResource(found, lists);
    }

    public RowMapper Compile(MappingFile mapping, string path) => RowMapper.Compile(mapping, Resource, CodeLists, Path.GetFileName(path));
}
