using Exchange.Policy.Roles;
using static Exchange.Policy.Matchers.MatcherExpression;

namespace Exchange.Policy.Matchers;

/// <summary>Whether an expression could fail, as far as that can be said without evaluating it.</summary>
internal static class Fallibility
{
    /// <summary>True when evaluating it on texts could fail. When it cannot, looking for rules ends with the first that decides.</summary>
    public static bool CanFail(MatcherExpression expression, IReadOnlyDictionary<string, RoleGraph> relations, PolicyFunctions functions)
    {
        return Can(expression);

        bool Can(MatcherExpression node) => node switch
        {
            Literal or RequestColumn or PolicyColumn => false,
            Binary { Sign: "&&" or "||" or "==" or "!=" or "===" or "!==" } binary => Can(binary.Left) || Can(binary.Right),
            Binary { Sign: "in", Right: List list } within => Can(within.Left) || list.Items.Any(Can),
            Unary { Sign: '!' } not => Can(not.Operand),
            Conditional choice => Can(choice.Test) || Can(choice.Then) || Can(choice.Else),
            Call call when relations.ContainsKey(call.Name) => call.Arguments.Any(Can),
            Call { Arguments: [var text, PolicyColumn or Literal { Value.Kind: PolicyValueKind.Text }] } call
                when functions.Find(call.Name) is { Prepare: not null, Accepts: null } => Can(text),
            _ => true,
        };
    }

    /// <summary>The columns of the request that an expression asks.</summary>
    public static IEnumerable<int> RequestColumns(MatcherExpression expression) => Nodes(expression).OfType<RequestColumn>().Select(static column => column.Index);

    /// <summary>Those that it asks for a truth.</summary>
    public static IEnumerable<int> ConditionColumns(MatcherExpression expression) => Nodes(expression)
        .SelectMany(static node => node switch
        {
            Binary { Sign: "&&" or "||" } logic => [logic.Left, logic.Right],
            Unary { Sign: '!' } not => [not.Operand],
            Conditional choice => [choice.Test, choice.Then, choice.Else],
            _ => Array.Empty<MatcherExpression>(),
        })
        .Prepend(expression)
        .OfType<RequestColumn>()
        .Select(static column => column.Index);

    private static List<MatcherExpression> Nodes(MatcherExpression expression)
    {
        var nodes = new List<MatcherExpression>();
        expression.Any(node =>
        {
            nodes.Add(node);
            return false;
        });
        return nodes;
    }
}
