using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Exchange.Policy.Matchers;

/// <summary>The functions that matchers may call: Casbin's, and those added. Immutable.</summary>
public sealed class PolicyFunctions
{
    private static readonly FrozenSet<string> Reserved = new[] { "eval", "true", "false", "in" }.ToFrozenSet();

    private readonly ImmutableDictionary<string, FunctionDefinition> functions;

    private PolicyFunctions(ImmutableDictionary<string, FunctionDefinition> functions) => this.functions = functions;

    /// <summary>keyMatch to keyMatch5, keyGet to keyGet3, regexMatch, ipMatch, globMatch.</summary>
    public static PolicyFunctions Casbin { get; } = new(new[]
    {
        Pattern("keyMatch", KeyPatterns.KeyMatch, static text => !text.Contains('*')),
        Pattern("keyMatch2", KeyPatterns.KeyMatch2, static text => text.AsSpan().IndexOfAny(KeyPatterns.Special) < 0),
        Pattern("keyMatch3", KeyPatterns.KeyMatch3, static text => text.AsSpan().IndexOfAny(KeyPatterns.Special) < 0),
        Pattern("keyMatch4", KeyPatterns.KeyMatch4, static text => text.AsSpan().IndexOfAny(KeyPatterns.Special) < 0),
        Pattern("keyMatch5", KeyPatterns.KeyMatch5, static _ => false),
        Pattern("regexMatch", KeyPatterns.Regex, static _ => false),
        Pattern("globMatch", GlobPattern.Prepare, static _ => false),
        Pattern("ipMatch", IpPattern.Prepare, static _ => false) with { Accepts = IpPattern.IsAddress },
        new FunctionDefinition("keyGet", 2, static a => KeyPatterns.KeyGet(Text(a[0]), Text(a[1]))),
        Part("keyGet2", KeyPatterns.KeyGet2),
        Part("keyGet3", KeyPatterns.KeyGet3),
    }.ToImmutableDictionary(static function => function.Name));

    /// <summary>These functions and one more, which replaces one of the same name.</summary>
    public PolicyFunctions With(string name, int arguments, PolicyFunction function) =>
        Reserved.Contains(name)
            ? throw new ArgumentException($"`{name}` is a word of the language", nameof(name))
            : new(functions.SetItem(name, new FunctionDefinition(name, arguments, function)));

    internal FunctionDefinition? Find(string name) => functions.GetValueOrDefault(name);

    private static FunctionDefinition Pattern(string name, Func<string, Func<string, bool>> prepare, Func<string, bool> isPlain) =>
        new(name, 2, a => prepare(Text(a[1]))(Text(a[0]))) { Prepare = prepare, IsPlain = isPlain };

    private static FunctionDefinition Part(string name, Func<string, Func<string, string, string>> prepare) =>
        new(name, 3, a => prepare(Text(a[1]))(Text(a[0]), Text(a[2]))) { PreparePart = prepare };

    private static string Text(PolicyValue value) => value.IsScalar ? value.ToString() : throw new ArgumentException("a list or an object where a text is expected", nameof(value));
}
