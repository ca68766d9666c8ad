using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Audit;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Audit;

/// <summary>By which rules departments own, record by record, the fields of a read. Immutable.</summary>
internal sealed class RowOwners
{
    private RowOwners(ImmutableArray<RowOwnerRule> rules) => Rules = rules;

    /// <summary>The rules; none when the read has only fields that a department owns in every record, or when they are not <see cref="AreTold"/>.</summary>
    public ImmutableArray<RowOwnerRule> Rules { get; private init; }

    /// <summary>False when there are more rules than <see cref="OwnerSet.MostRules"/>: then the trail does not tell whose rows were read.</summary>
    public bool AreTold { get; private init; } = true;

    /// <summary>The rules of the fields at these places in the resource.</summary>
    public static RowOwners Of(ResourceDefinition resource, IEnumerable<int> fields)
    {
        ImmutableArray<RowOwnerRule> rules =
        [
            .. fields
                .Select(index => (Index: index, By: By(resource.Fields[index].Owner)))
                .Where(field => field.By is not null)
                .GroupBy(field => field.By!, field => field.Index, StringComparer.Ordinal)
                .Select(rule => new RowOwnerRule(rule.Key, AttributeOf(resource, rule.Key), [.. rule])),
        ];
        return rules.Length <= OwnerSet.MostRules ? new(rules) : new([]) { AreTold = false };
    }

    /// <summary>True when the value of this field or system attribute is needed to tell an owner.</summary>
    public bool Needs(int number) => Rules.Any(rule => rule.Attribute.Number == number);

    /// <summary>Counts rows by their owners; null when they are not told.</summary>
    public OwnerTally? ToTally(OwnerNumbers numbers) => AreTold ? new OwnerTally(this, numbers) : null;

    /// <summary>Who owns which of the shown fields of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="shows">True for the place of a field of which a value was shown.</param>
    /// <param name="numbers">Numbers of departments.</param>
    public OwnerSet SetOf<TRow>(TRow row, Func<int, bool> shows, OwnerNumbers numbers)
        where TRow : IRow
    {
        var set = default(OwnerSet);
        foreach (var (index, rule) in Rules.Index())
        {
            if (rule.Fields.Any(shows) && row.Get(rule.Attribute.Number) is { IsMissing: false } owner)
            {
                set = set.With(index, numbers.Of(owner.AsText));
            }
        }

        return set;
    }

    private static string? By(OwnerRule owner) => owner switch
    {
        OwnerRule.Opener => OwnedFields.ByOpener,
        OwnerRule.DepartmentField { FieldName: var name } => name,
        _ => null,
    };

    private static AttributeRef AttributeOf(ResourceDefinition resource, string by) =>
        by is not OwnedFields.ByOpener && resource.TryGetField(by, out var field) ? new(field.Name, field.Number, field.Type) : SystemAttributes.Opener;
}

/// <summary>One of the rules by which departments own fields record by record.</summary>
/// <param name="By">The field that names the owner; <see cref="OwnedFields.ByOpener"/> for the opener.</param>
/// <param name="Attribute">Where the owner's id stands in the record.</param>
/// <param name="Fields">Places in the resource of the fields of the read that are owned so.</param>
internal sealed record RowOwnerRule(string By, AttributeRef Attribute, ImmutableArray<int> Fields);
