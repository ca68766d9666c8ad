using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Roles;

/// <summary>The test of a pattern function, prepared per pattern.</summary>
internal sealed class NamePattern(FunctionDefinition function)
{
    /// <summary>The test for a pattern; null where the pattern matches nothing but itself.</summary>
    public Func<string, bool>? Prepare(string pattern, SourcePosition position)
    {
        if (function.IsPlain(pattern))
        {
            return null;
        }

        if (function.Prepare is not { } prepare)
        {
            return text => function.Function([text, pattern]).IsTrue;
        }

        try
        {
            return prepare(pattern);
        }
        catch (FormatException e)
        {
            throw new RefusedException(position, e.Message);
        }
    }
}
