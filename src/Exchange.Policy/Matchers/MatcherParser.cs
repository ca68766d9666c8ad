using System.Collections.Immutable;
using Exchange.Policy.Language;
using static Exchange.Policy.Matchers.MatcherLexer;

namespace Exchange.Policy.Matchers;

/// <summary>Reads an expression: `||`, `&amp;&amp;`, comparison and `in`, `+ -`, `* / %`, `**`, `! -`, calls, attributes, lists, `? :`.</summary>
internal sealed class MatcherParser
{
    private const int DeepestNesting = 200;
    private const int MostOperators = 1_000;

    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!=", "===", "!=="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"]];

    private readonly MatcherLexer lexer;
    private readonly MatcherScope scope;
    private int depth;
    private int operators;

    private MatcherParser(SourceText source, MatcherScope scope) => (lexer, this.scope) = (new(source), scope);

    public static MatcherExpression Read(SourceText source, MatcherScope scope)
    {
        var parser = new MatcherParser(source, scope);
        var expression = parser.ReadConditional();
        return parser.lexer.Kind is TokenKind.End ? expression : throw parser.Unexpected("an operator or the end");
    }

    private MatcherExpression ReadConditional()
    {
        Descend(lexer.Position);
        var test = ReadBinary(0);
        var position = lexer.Position;
        if (Skip("?"))
        {
            var then = ReadConditional();
            Expect(":");
            test = new MatcherExpression.Conditional(test, then, ReadConditional(), position);
        }

        depth--;
        return test;
    }

    private MatcherExpression ReadBinary(int level)
    {
        if (level == Levels.Length)
        {
            return ReadPower();
        }

        var left = ReadBinary(level + 1);
        while (true)
        {
            var position = lexer.Position;
            if (level == 3 && lexer.Kind is TokenKind.Name && lexer.Token == "in")
            {
                CountOperator(position);
                lexer.Read();
                var right = ReadList();
                left = CanBeList(right)
                    ? new MatcherExpression.Binary("in", left, right, position)
                    : throw new RefusedException(position, "the right side of `in` is a list: `(a, b)`, or a value of the request that holds one");
                continue;
            }

            if (lexer.Kind is not TokenKind.Sign || !Levels[level].Contains(lexer.Token))
            {
                return left;
            }

            CountOperator(position);
            var sign = lexer.Token;
            lexer.Read();
            left = new MatcherExpression.Binary(sign, left, ReadBinary(level + 1), position);
        }
    }

    // The right side of `in`: (a, b) and [a, b] are lists, anything else a value that holds one.
    private MatcherExpression ReadList()
    {
        var position = lexer.Position;
        if (!lexer.Is("("))
        {
            return ReadBinary(4);
        }

        lexer.Read();
        var items = ReadItems(")");
        return items is [var single] && single is not MatcherExpression.Literal ? single : new MatcherExpression.List(items, position);
    }

    // A column of a rule is a text, and so is no list.
    private static bool CanBeList(MatcherExpression expression) => expression switch
    {
        MatcherExpression.List or MatcherExpression.RequestColumn or MatcherExpression.Attribute or MatcherExpression.Call => true,
        MatcherExpression.Conditional choice => CanBeList(choice.Then) || CanBeList(choice.Else),
        _ => false,
    };

    private MatcherExpression ReadPower()
    {
        var left = ReadUnary();
        var position = lexer.Position;
        if (!Skip("**"))
        {
            return left;
        }

        Descend(position);
        var power = new MatcherExpression.Binary("**", left, ReadPower(), position);
        depth--;
        return power;
    }

    private MatcherExpression ReadUnary()
    {
        var position = lexer.Position;
        if (lexer.Kind is TokenKind.Sign && lexer.Token is "!" or "-" or "+")
        {
            Descend(position);
            var sign = lexer.Token[0];
            lexer.Read();
            var operand = new MatcherExpression.Unary(sign, ReadUnary(), position);
            depth--;
            return operand;
        }

        var value = ReadPrimary();
        while (true)
        {
            position = lexer.Position;
            if (Skip("."))
            {
                CountOperator(position);
                value = new MatcherExpression.Attribute(value, ReadName(), position);
            }
            else if (Skip("["))
            {
                CountOperator(position);
                value = lexer.Kind is TokenKind.Text ? new MatcherExpression.Attribute(value, lexer.Token, position) : throw Unexpected("an attribute's name in quotes");
                lexer.Read();
                Expect("]");
            }
            else
            {
                return value;
            }
        }
    }

    private MatcherExpression ReadPrimary()
    {
        var position = lexer.Position;
        switch (lexer.Kind)
        {
            case TokenKind.Number:
                var number = lexer.Number;
                lexer.Read();
                return new MatcherExpression.Literal(number, position);
            case TokenKind.Text:
                var text = lexer.Token;
                lexer.Read();
                return new MatcherExpression.Literal(text, position);
            case TokenKind.Name:
                return ReadNamed(position);
            case TokenKind.Sign when Skip("("):
                var inner = ReadConditional();
                Expect(")");
                return inner;
            case TokenKind.Sign when Skip("["):
                return new MatcherExpression.List(ReadItems("]"), position);
            default:
                throw Unexpected("a value");
        }
    }

    private MatcherExpression ReadNamed(SourcePosition position)
    {
        var name = ReadName();
        if (Skip("("))
        {
            return ReadCall(name, position);
        }

        if (name is "true" or "false")
        {
            return new MatcherExpression.Literal(name == "true", position);
        }

        if (scope.IsDefinition(name) && Skip("."))
        {
            var column = lexer.Position;
            return scope.Column(name, ReadName(), column) with { Position = position };
        }

        // Casbin's own form inside: r_sub, p2_obj.
        return scope.TryUnderscored(name, position)
            ?? throw new RefusedException(position, $"`{name}` is not known here; use {scope.Known}, a function, a number, or a text in quotes");
    }

    private MatcherExpression ReadCall(string name, SourcePosition position)
    {
        var arguments = ReadItems(")");
        if (name == "eval")
        {
            return arguments is [MatcherExpression.PolicyColumn column]
                ? new MatcherExpression.Eval(column.Index, position)
                : throw new RefusedException(position, "`eval` takes one column of the rule, e.g. `eval(p.sub_rule)`");
        }

        scope.CheckCall(name, arguments.Length, position);
        return new MatcherExpression.Call(name, arguments, position);
    }

    private ImmutableArray<MatcherExpression> ReadItems(string closing)
    {
        var items = ImmutableArray.CreateBuilder<MatcherExpression>();
        if (Skip(closing))
        {
            return [];
        }

        do
        {
            items.Add(ReadConditional());
        }
        while (Skip(","));
        Expect(closing);
        return items.ToImmutable();
    }

    // Trees grow with nesting and with operators in a row; both are walked by recursion later.
    private void Descend(SourcePosition position)
    {
        if (++depth > DeepestNesting)
        {
            throw new RefusedException(position, $"more than {DeepestNesting} levels of nesting");
        }
    }

    private void CountOperator(SourcePosition position)
    {
        if (++operators > MostOperators)
        {
            throw new RefusedException(position, $"more than {MostOperators} operators");
        }
    }

    private string ReadName()
    {
        var name = lexer.Kind is TokenKind.Name ? lexer.Token : throw Unexpected("a name");
        lexer.Read();
        return name;
    }

    private bool Skip(string sign)
    {
        if (!lexer.Is(sign))
        {
            return false;
        }

        lexer.Read();
        return true;
    }

    private void Expect(string sign)
    {
        if (!Skip(sign))
        {
            throw Unexpected($"`{sign}`");
        }
    }

    private RefusedException Unexpected(string expected) => new(lexer.Position, $"expected {expected}, not `{lexer.Token}`");
}
