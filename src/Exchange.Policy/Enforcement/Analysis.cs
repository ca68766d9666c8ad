using Exchange.Policy.Matchers;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Enforcement;

/// <summary>What can be said of an expression without evaluating it.</summary>
internal static class Analysis
{
    /// <summary>True when evaluating it on texts could fail. When it cannot, looking for rules ends with the first that decides.</summary>
    public static bool CanFail(MatcherExpression expression, IReadOnlyDictionary<string, Roles.RoleGraph> relations, PolicyFunctions? functions = null) =>
        expression.Any(node => node switch
        {
            Literal or RequestColumn or PolicyColumn or List => false,
            Binary { Sign: "&&" or "||" or "==" or "!=" or "in" } => false,
            Unary { Sign: '!' } => false,
            Call call when relations.ContainsKey(call.Name) => false,
            Call { Arguments: [_, PolicyColumn or Literal] } call when functions?.Find(call.Name) is { Prepare: not null, CanFailOnText: false } => false,
            _ => true,
        });
}
