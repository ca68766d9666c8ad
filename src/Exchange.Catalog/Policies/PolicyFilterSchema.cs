using Exchange.Catalog.Access;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog;

/// <summary>
/// What a policy row's filter may look at: what a grant's filter may, `record.confidential`, and as values
/// `caller.department`, `caller.parent` and `caller.level` of the caller it is read for.
/// </summary>
public sealed class PolicyFilterSchema(ResourceDefinition resource, CallerAttributes? caller) : IConditionSchema
{
    /// <summary>The name of the condition that a flag of the record makes it confidential.</summary>
    public const string Confidential = "record.confidential";

    private const string Caller = "caller.";

    private readonly RowFilterSchema _fields = new(resource);

    /// <inheritdoc/>
    public bool TryResolve(string name, out AttributeRef attribute) => _fields.TryResolve(name, out attribute);

    /// <inheritdoc/>
    public bool IsSearchable(AttributeRef attribute) => false;

    /// <summary>
    /// The conditions with a name. A record is confidential when any of its flags is set; a retired flag still tells what it told.
    /// </summary>
    public Condition? Define(string name) => name is Confidential
        ? ConditionForm.AnyOf([.. resource.Fields
            .Where(field => field is { Role: FieldRole.ConfidentialityFlag, Type: FieldType.Boolean })
            .Select(flag => new Condition.Compare(new(flag.Name, flag.Number, flag.Type), CompareOp.Equal, FieldValue.Boolean(true)))])
        : null;

    /// <summary>The caller's attributes. Without a caller all of them are missing: enough to tell whether a filter can be read.</summary>
    public NamedValue? ResolveValue(string text) => text switch
    {
        "caller.department" => NamedValue.Of(caller?.Department.Value),
        "caller.parent" => NamedValue.Of(caller?.Parent?.Value),
        "caller.level" => NamedValue.Of(caller is null ? null : PolicySubject.WordOf(caller.Level)),
        _ when text.StartsWith(Caller, StringComparison.Ordinal) => NamedValue.Unknown,
        _ => null,
    };
}
