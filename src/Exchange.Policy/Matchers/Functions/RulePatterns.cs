using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>
/// What functions make of the patterns in the columns of rules (a test, or what takes a text apart), once for each function and
/// column however often a matcher names them.
/// </summary>
internal sealed class RulePatterns<T>(IReadOnlyList<PolicyRule> rules, Func<FunctionDefinition, Func<string, T>> preparation)
    where T : class
{
    private readonly Dictionary<(string Function, int Column), T?[]> byColumn = [];
    private readonly Dictionary<(string Function, string Pattern), T> prepared = [];

    /// <summary>What was made, by rule, with that at the places given.</summary>
    public T?[] Of(FunctionDefinition function, int column, IReadOnlyList<int> places)
    {
        if (!byColumn.TryGetValue((function.Name, column), out var all))
        {
            byColumn[(function.Name, column)] = all = new T?[rules.Count];
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

    /// <summary>What is made of a pattern of the model or a rule, refused where it stands.</summary>
    public T Prepare(FunctionDefinition function, string pattern, SourcePosition position)
    {
        try
        {
            return preparation(function)(pattern);
        }
        catch (FormatException e)
        {
            throw new RefusedException(position, $"`{function.Name}`: {e.Message}");
        }
    }

    /// <summary>What is made of a pattern of a request; null where it is refused.</summary>
    public T? TryPrepare(FunctionDefinition function, string pattern)
    {
        try
        {
            return preparation(function)(pattern);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
