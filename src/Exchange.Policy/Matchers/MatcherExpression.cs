using System.Collections.Immutable;
using Exchange.Policy.Language;

namespace Exchange.Policy.Matchers;

/// <summary>The tree of a matcher's expression. Every node knows its place.</summary>
internal abstract record MatcherExpression(SourcePosition Position)
{
    /// <summary>True when this or a part of it satisfies the test.</summary>
    public bool Any(Func<MatcherExpression, bool> test) => test(this) || Parts.Any(part => part.Any(test));

    public bool UsesPolicy => Any(static node => node is PolicyColumn or Eval);

    public bool UsesRequest => Any(static node => node is RequestColumn or Eval);

    public virtual IEnumerable<MatcherExpression> Parts => [];

    public sealed record Literal(PolicyValue Value, SourcePosition Position) : MatcherExpression(Position);

    public sealed record RequestColumn(int Index, SourcePosition Position) : MatcherExpression(Position);

    public sealed record PolicyColumn(int Index, SourcePosition Position) : MatcherExpression(Position);

    public sealed record Attribute(MatcherExpression Target, string Name, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => [Target];
    }

    public sealed record Unary(char Sign, MatcherExpression Operand, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => [Operand];
    }

    public sealed record Binary(string Sign, MatcherExpression Left, MatcherExpression Right, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => [Left, Right];
    }

    public sealed record Conditional(MatcherExpression Test, MatcherExpression Then, MatcherExpression Else, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => [Test, Then, Else];
    }

    public sealed record List(ImmutableArray<MatcherExpression> Items, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => Items;
    }

    public sealed record Call(string Name, ImmutableArray<MatcherExpression> Arguments, SourcePosition Position) : MatcherExpression(Position)
    {
        public override IEnumerable<MatcherExpression> Parts => Arguments;
    }

    /// <summary>`eval(p.rule)`: the expression that stands in a rule's column.</summary>
    public sealed record Eval(int Column, SourcePosition Position) : MatcherExpression(Position);
}
