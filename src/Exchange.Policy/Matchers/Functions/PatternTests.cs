using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>The patterns in the columns of rules, prepared once for each function and column however often a matcher names them.</summary>
internal sealed class PatternTests(IReadOnlyList<PolicyRule> rules)
{
    private readonly Dictionary<(string Function, int Column), Func<string, bool>?[]> tests = [];
    private readonly Dictionary<(string Function, string Pattern), Func<string, bool>> prepared = [];

    /// <summary>The tests by rule, with those at the places given prepared.</summary>
    public Func<string, bool>?[] Of(FunctionDefinition function, int column, IReadOnlyList<int> places)
    {
        if (!tests.TryGetValue((function.Name, column), out var all))
        {
            tests[(function.Name, column)] = all = new Func<string, bool>?[rules.Count];
        }

        foreach (var place in places)
        {
            var pattern = rules[place].Values[column];
            if (all[place] is null && !prepared.TryGetValue((function.Name, pattern), out all[place]))
            {
                prepared[(function.Name, pattern)] = all[place] = Prepare(function, pattern, rules[place].PositionOf(column));
            }
        }

        return all;
    }

    /// <summary>The test for a pattern of the model or a rule, refused where it stands.</summary>
    public static Func<string, bool> Prepare(FunctionDefinition function, string pattern, SourcePosition position)
    {
        try
        {
            return function.Prepare!(pattern);
        }
        catch (FormatException e)
        {
            throw new RefusedException(position, $"`{function.Name}`: {e.Message}");
        }
    }

    /// <summary>The test for a pattern of a request; null where it is refused.</summary>
    public static Func<string, bool>? TryPrepare(FunctionDefinition function, string pattern)
    {
        try
        {
            return function.Prepare!(pattern);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
