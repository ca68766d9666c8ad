using System.Globalization;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Search;

namespace Exchange.Catalog;

/// <summary>What the one window finds a catalog entry by: words with their weight, and values of facets.</summary>
public sealed class CatalogEntry
{
    /// <summary>Weight of a word in a name, of one in a field's names, and of one elsewhere.</summary>
    internal const int NameWeight = 4;

    private const int FieldWeight = 2;

    // More than any entry of sense has: a draft may hold anything.
    private const int MostWords = 5_000;

    private const int TextWeight = 1;

    private CatalogEntry(ResourceId resource, DepartmentId department, bool isDraft, Dictionary<string, int> words, IReadOnlyList<(CatalogFacet Facet, string Value)> values) =>
        (Resource, Department, IsDraft, Words, Values) = (resource, department, isDraft, words, values);

    /// <summary>Of which resource.</summary>
    public ResourceId Resource { get; }

    /// <summary>The department that keeps it.</summary>
    public DepartmentId Department { get; }

    /// <summary>True for a draft of a resource that is not published: only its department and the operator know of it.</summary>
    public bool IsDraft { get; }

    /// <summary>Lexemes with the greatest weight of their places.</summary>
    internal Dictionary<string, int> Words { get; }

    /// <summary>Each value once. Of a field whose owners share it differently, all its classes.</summary>
    internal IReadOnlyList<(CatalogFacet Facet, string Value)> Values { get; }

    /// <summary>The entry of a published resource, or of a draft as it would be published.</summary>
    /// <param name="state">Names of departments and categories.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="lists">What departments share of it otherwise than it says.</param>
    /// <param name="isDraft">True for a draft of a resource that is not published.</param>
    public static CatalogEntry Of(GovernanceState state, ResourceDefinition resource, IEnumerable<SharingList> lists, bool isDraft = false)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(lists);
        Dictionary<string, int> words = new(StringComparer.Ordinal);
        Add(words, NameWeight, resource.DisplayName, resource.DisplayNameZh, resource.Id.Value);
        foreach (var field in resource.Fields.Where(field => !field.Retired))
        {
            Add(words, FieldWeight, field.Name, field.DisplayName, field.DisplayNameZh);
        }

        Add(words, TextWeight, resource.Abstract, resource.Description.SourceSystem, resource.Description.Coverage, resource.Description.Code?.Value ?? "");
        if (state.Departments.TryGetValue(resource.Department.Value, out var department))
        {
            Add(words, TextWeight, department.DisplayName, department.DisplayNameZh);
        }

        HashSet<(CatalogFacet, string)> values =
        [
            (CatalogFacet.Owner, resource.Department.Value), (CatalogFacet.UpdateCycle, Number((int)resource.UpdateCycle)),
        ];
        foreach (var category in CategoryPath.Of(state, resource.Category))
        {
            values.Add((CatalogFacet.Category, category.Code.Value));
            Add(words, TextWeight, category.DisplayName, category.DisplayNameZh);
        }

        foreach (var field in resource.Fields.Where(field => !field.Retired))
        {
            AddClasses(values, field.Level, field.SharingClass, field.OpenClass);
        }

        foreach (var entry in lists.SelectMany(list => list.Entries).Where(entry => resource.TryGetField(entry.FieldNumber, out var field) && !field.Retired))
        {
            AddClasses(values, entry.Level, entry.SharingClass, entry.OpenClass);
        }

        return new CatalogEntry(resource.Id, resource.Department, isDraft, words, [.. values]);
    }

    private static void AddClasses(HashSet<(CatalogFacet, string)> values, Level level, SharingClass sharingClass, OpenClass openClass)
    {
        values.Add((CatalogFacet.Level, Number((int)level)));
        values.Add((CatalogFacet.SharingClass, Number((int)sharingClass)));
        values.Add((CatalogFacet.OpenClass, Number((int)openClass)));
    }

    private static void Add(Dictionary<string, int> words, int weight, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            foreach (var lexeme in SearchTokens.Lexemes(0, text.Replace('_', ' ')).TakeWhile(_ => words.Count < MostWords))
            {
                words[lexeme] = Math.Max(weight, words.GetValueOrDefault(lexeme));
            }
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
