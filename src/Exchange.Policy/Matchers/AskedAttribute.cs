using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>An attribute that an expression asks of a value of the request.</summary>
/// <param name="Of">The request's value, such as `object`.</param>
/// <param name="Name">The attribute; null where the value itself is used, and so any attribute may be asked for.</param>
/// <param name="Index">Index of the expression's character where it begins.</param>
public sealed record AskedAttribute(string Of, string? Name, int Index)
{
    /// <summary>The text that it is compared with, when all that is asked is whether it equals one: it alone left of `==` or `!=`, the text alone on the right.</summary>
    public string? EqualText { get; init; }

    /// <summary>The other attribute that it is compared with, as with <see cref="EqualText"/>.</summary>
    public AskedAttribute? EqualAttribute { get; init; }

    /// <summary>Reads an expression of one line over the plain request (`r`) of a model, and tells every attribute that it names, whichever way; none when it cannot be read.</summary>
    public static IEnumerable<AskedAttribute> In(PolicyModel model, string expression)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(expression);
        try
        {
            var request = model.Requests["r"];
            var scope = new MatcherScope(request, model.Policies["p"], model.Roles, PolicyFunctions.Casbin);
            return [.. In(MatcherParser.Read(SourceText.Of(expression, new(SourcePosition.Policy, 1, 1)), scope), request)];
        }
        catch (RefusedException)
        {
            return [];
        }
    }

    private static IEnumerable<AskedAttribute> In(MatcherExpression expression, ModelDefinition request) => expression switch
    {
        MatcherExpression.Binary { Sign: "==" or "!=" } equality when Named(equality.Left, request) is { } left => equality.Right switch
        {
            MatcherExpression.Literal { Value: { Kind: PolicyValueKind.Text, AsText: var text } } => [left with { EqualText = text }],
            var other when Named(other, request) is { } right => [left with { EqualAttribute = right }, right],
            var other => [left, .. In(other, request)],
        },
        MatcherExpression.RequestColumn column => [new(request.Names[column.Index], null, column.Position.Column - 1)],
        _ when Named(expression, request) is { } named => [named],
        _ => expression.Parts.SelectMany(part => In(part, request)),
    };

    private static AskedAttribute? Named(MatcherExpression expression, ModelDefinition request) =>
        expression is MatcherExpression.Attribute { Target: MatcherExpression.RequestColumn column, Name: var name } ? new(request.Names[column.Index], name, column.Position.Column - 1) : null;
}
