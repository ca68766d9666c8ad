using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>The names an expression may use: one request definition, one policy definition, the role relations and the functions.</summary>
internal sealed class MatcherScope(ModelDefinition request, ModelDefinition policy, IReadOnlyDictionary<string, int> roles, PolicyFunctions functions)
{
    public ModelDefinition Request => request;

    public string Known => $"`{request.Key}.…`, `{policy.Key}.…`";

    public PolicyFunctions Functions => functions;

    public bool IsRole(string name) => roles.ContainsKey(name);

    public bool IsDefinition(string name) => name == request.Key || name == policy.Key;

    public MatcherExpression Column(string definition, string name, SourcePosition position) =>
        TryColumn(definition, name, position)
        ?? throw new RefusedException(position, $"`{definition}` has no `{name}`; it has {string.Join(", ", (definition == request.Key ? request : policy).Names)}");

    public MatcherExpression? TryUnderscored(string name, SourcePosition position)
    {
        var underscore = name.IndexOf('_', StringComparison.Ordinal);
        return underscore > 0 && IsDefinition(name[..underscore]) ? TryColumn(name[..underscore], name[(underscore + 1)..], position) : null;
    }

    public void CheckCall(string name, int arguments, SourcePosition position)
    {
        if (roles.TryGetValue(name, out var names))
        {
            if (arguments != names)
            {
                throw new RefusedException(position, $"`{name}` takes {names} arguments, as its role definition says, not {arguments}");
            }

            return;
        }

        var function = functions.Find(name) ?? throw new RefusedException(position, $"no function or role relation is called `{name}`");
        if (arguments != function.Arguments)
        {
            throw new RefusedException(position, $"`{name}` takes {function.Arguments} arguments, not {arguments}");
        }
    }

    private MatcherExpression? TryColumn(string definition, string name, SourcePosition position)
    {
        if (definition == request.Key)
        {
            return request.IndexOf(name) is >= 0 and var index ? new MatcherExpression.RequestColumn(index, position) : null;
        }

        if (policy.IndexOf(name) is >= 0 and var column)
        {
            return new MatcherExpression.PolicyColumn(column, position);
        }

        // A rule without an `eft` column allows.
        return name == "eft" ? new MatcherExpression.Literal("allow", position) : null;
    }
}
