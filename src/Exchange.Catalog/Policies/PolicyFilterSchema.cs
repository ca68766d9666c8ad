using System.Collections.Immutable;
using Exchange.Catalog.Access;
using Exchange.Catalog.Policies;

namespace Exchange.Catalog;

/// <summary>
/// What a policy row's filter may look at: what a grant's filter may, `record.confidential`, and as values
/// `caller.department`, `caller.parent`, `caller.level` and the attributes of the department it is read for.
/// </summary>
public sealed class PolicyFilterSchema : IConditionSchema
{
    /// <summary>The name of the condition that a flag of the record makes it confidential.</summary>
    public const string Confidential = "record.confidential";

    private const string Caller = "caller.";

    private static readonly ImmutableArray<string> BuiltIn = ["department", "parent", "level"];

    private readonly ResourceDefinition _resource;
    private readonly RowFilterSchema _fields;
    private readonly Func<string, NamedValue> _valueOf;

    /// <summary>For reading a filter of which the names were checked: what this caller does not have is missing.</summary>
    public PolicyFilterSchema(ResourceDefinition resource, CallerAttributes caller)
        : this(resource, name => NamedValue.Of(name switch
        {
            "department" => caller.Department.Value,
            "parent" => caller.Parent?.Value,
            "level" => PolicySubject.WordOf(caller.Level),
            _ => caller.Attributes.GetValueOrDefault(name),
        }))
    {
    }

    /// <summary>For checking a filter that no caller asks yet: a name that is neither built in nor one of the attributes is refused.</summary>
    public PolicyFilterSchema(ResourceDefinition resource, IReadOnlyCollection<string> attributes)
        : this(resource, name => BuiltIn.Contains(name) || attributes.Contains(name)
            ? NamedValue.Of(null)
            : NamedValue.Unknown(string.Join(", ", BuiltIn.Concat(attributes).Select(known => $"`{Caller}{known}`"))))
    {
    }

    /// <summary>For telling what a filter looks at, whoever asks it.</summary>
    public PolicyFilterSchema(ResourceDefinition resource)
        : this(resource, _ => NamedValue.Of(null))
    {
    }

    private PolicyFilterSchema(ResourceDefinition resource, Func<string, NamedValue> valueOf) =>
        (_resource, _fields, _valueOf) = (resource, new(resource), valueOf);

    /// <summary>
    /// Numbers of the fields and system attributes that the filters read so far look at, also where a value that is missing made a comparison
    /// with them fall away.
    /// </summary>
    public ImmutableSortedSet<int> Asked { get; private set; } = [];

    /// <summary>A value that callers may lack and that a filter read so far compares by `!=`; null when none does.</summary>
    public string? UnequalTo { get; private set; }

    /// <inheritdoc/>
    public bool TryResolve(string name, out AttributeRef attribute)
    {
        var isKnown = _fields.TryResolve(name, out attribute);
        Asked = isKnown ? Asked.Add(attribute.Number) : Asked;
        return isKnown;
    }

    /// <inheritdoc/>
    public bool IsSearchable(AttributeRef attribute) => false;

    /// <summary>
    /// The conditions with a name. A record is confidential when any of its flags is set; a retired flag still tells what it told.
    /// </summary>
    public Condition? Define(string name)
    {
        if (name is not Confidential)
        {
            return null;
        }

        var confidential = ConditionForm.AnyOf([.. _resource.Fields
            .Where(field => field is { Role: FieldRole.ConfidentialityFlag, Type: FieldType.Boolean })
            .Select(flag => new Condition.Compare(new(flag.Name, flag.Number, flag.Type), CompareOp.Equal, FieldValue.Boolean(true)))]);
        Asked = Asked.Union(ConditionForm.AttributeNumbers(confidential));
        return confidential;
    }

    /// <inheritdoc/>
    public NamedValue? ResolveValue(string text, string comparator)
    {
        if (!text.StartsWith(Caller, StringComparison.Ordinal))
        {
            return null;
        }

        UnequalTo = comparator is "!=" && text is not (Caller + "department" or Caller + "level") ? text : UnequalTo;
        return _valueOf(text[Caller.Length..]);
    }
}
