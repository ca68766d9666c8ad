using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Matchers;

/// <summary>Ordering, arithmetic and calls of compiled expressions.</summary>
internal static class Operators
{
    public static MatcherCondition Order(string sign, MatcherValue left, MatcherValue right, PolicyFailure failure) => sign switch
    {
        "<" => (ref MatchFrame frame) => Compare(left(ref frame), right(ref frame), ref frame, failure) is < 0,
        "<=" => (ref MatchFrame frame) => Compare(left(ref frame), right(ref frame), ref frame, failure) is <= 0,
        ">" => (ref MatchFrame frame) => Compare(left(ref frame), right(ref frame), ref frame, failure) is > 0,
        ">=" => (ref MatchFrame frame) => Compare(left(ref frame), right(ref frame), ref frame, failure) is >= 0,
        _ => throw new UnreachableException($"no ordering is called `{sign}`"),
    };

    /// <summary>Ordering with a number that stands in the expression.</summary>
    public static MatcherCondition Order(string sign, MatcherValue left, double right, PolicyFailure failure) => sign switch
    {
        "<" => (ref MatchFrame frame) => OrderedNumber(left(ref frame), ref frame, failure) < right,
        "<=" => (ref MatchFrame frame) => OrderedNumber(left(ref frame), ref frame, failure) <= right,
        ">" => (ref MatchFrame frame) => OrderedNumber(left(ref frame), ref frame, failure) > right,
        ">=" => (ref MatchFrame frame) => OrderedNumber(left(ref frame), ref frame, failure) >= right,
        _ => throw new UnreachableException($"no ordering is called `{sign}`"),
    };

    public static MatcherValue Arithmetic(string sign, MatcherValue left, MatcherValue right, PolicyFailure failure) => sign switch
    {
        "+" => (ref MatchFrame frame) =>
        {
            var (a, b) = (left(ref frame), right(ref frame));
            return (a.Kind is PolicyValueKind.Text || b.Kind is PolicyValueKind.Text) && a.IsScalar && b.IsScalar
                ? a.ToString() + b.ToString()
                : Number(a, ref frame, failure) + Number(b, ref frame, failure);
        },
        "-" => (ref MatchFrame frame) => Number(left(ref frame), ref frame, failure) - Number(right(ref frame), ref frame, failure),
        "*" => (ref MatchFrame frame) => Number(left(ref frame), ref frame, failure) * Number(right(ref frame), ref frame, failure),
        "/" => (ref MatchFrame frame) => Number(left(ref frame), ref frame, failure) / Number(right(ref frame), ref frame, failure),
        "%" => (ref MatchFrame frame) => Number(left(ref frame), ref frame, failure) % Number(right(ref frame), ref frame, failure),
        "**" => (ref MatchFrame frame) => Math.Pow(Number(left(ref frame), ref frame, failure), Number(right(ref frame), ref frame, failure)),
        _ => throw new UnreachableException($"no arithmetic is called `{sign}`"),
    };

    public static MatcherValue Sign(char sign, MatcherValue operand, PolicyFailure failure) => sign == '-'
        ? (ref MatchFrame frame) => -Number(operand(ref frame), ref frame, failure)
        : (ref MatchFrame frame) => Number(operand(ref frame), ref frame, failure);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the caller's object throws fails the expression, which denies.")]
    public static PolicyValue Attribute(PolicyValue target, string name, ref MatchFrame frame, PolicyFailure failure)
    {
        try
        {
            return target.AsAttributes is { } attributes && attributes.TryGetAttribute(name, out var value) && value.Kind is not PolicyValueKind.Missing ? value : frame.Fail(failure);
        }
        catch (Exception)
        {
            return frame.Fail(failure);
        }
    }

    /// <summary>`in`: whether a list holds the value, or an object has an attribute of that name.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the caller's list or object throws fails the expression, which denies.")]
    public static bool Contains(PolicyValue set, PolicyValue wanted, ref MatchFrame frame, PolicyFailure failure)
    {
        try
        {
            if (set.AsAttributes is { } attributes && wanted.IsScalar)
            {
                return attributes.TryGetAttribute(wanted.ToString(), out _);
            }

            if (set.Kind is PolicyValueKind.List)
            {
                var values = set.AsList;
                for (var i = 0; i < values.Count; i++)
                {
                    if (values[i].IsSame(wanted))
                    {
                        return true;
                    }
                }

                return false;
            }
        }
        catch (Exception)
        {
            // Fails below.
        }

        return frame.Fail(failure).IsTrue;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern of names throws fails the expression, which denies.")]
    public static bool HasLink(RoleGraph graph, string name, string role, string domain, ref MatchFrame frame, PolicyFailure failure)
    {
        try
        {
            return graph.Of(domain).HasLink(name, role);
        }
        catch (Exception)
        {
            return frame.Fail(failure).IsTrue;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern's test throws fails the expression, which denies.")]
    public static bool Test(FunctionDefinition function, Func<string, bool>? test, PolicyValue value, ref MatchFrame frame, PolicyFailure failure)
    {
        if (test is null || !value.IsScalar)
        {
            return frame.Fail(failure).IsTrue;
        }

        try
        {
            var text = value.ToString();
            return test(text) || (function.Accepts is { } accepts && !accepts(text) && frame.Fail(failure).IsTrue);
        }
        catch (Exception)
        {
            return frame.Fail(failure).IsTrue;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern's reader throws fails the expression, which denies.")]
    public static PolicyValue Part(Func<string, string, string>? part, in PolicyValue text, in PolicyValue name, ref MatchFrame frame, PolicyFailure failure)
    {
        if (part is null || frame.Failure is not null || !text.IsScalar || !name.IsScalar)
        {
            return frame.Fail(failure);
        }

        try
        {
            return part(text.ToString(), name.ToString());
        }
        catch (Exception)
        {
            return frame.Fail(failure);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a custom function throws fails the expression, which denies.")]
    public static PolicyValue Call(PolicyFunction function, scoped ReadOnlySpan<PolicyValue> arguments, ref MatchFrame frame, PolicyFailure failure)
    {
        try
        {
            return function(arguments);
        }
        catch (Exception)
        {
            return frame.Fail(failure);
        }
    }

    // The number a value holds or spells; NaN and a failure when there is none.
    private static double Number(in PolicyValue value, ref MatchFrame frame, PolicyFailure failure)
    {
        if (value.Kind is PolicyValueKind.Number)
        {
            return value.AsNumber;
        }

        if (value.TryNumber(out var number))
        {
            return number;
        }

        frame.Fail(failure);
        return double.NaN;
    }

    // As above, but NaN has no place in any order.
    private static double OrderedNumber(in PolicyValue value, ref MatchFrame frame, PolicyFailure failure)
    {
        var number = Number(value, ref frame, failure);
        if (double.IsNaN(number))
        {
            frame.Fail(failure);
        }

        return number;
    }

    /// <summary>Texts by their characters' numbers, all else by number; null and a failure where that cannot be.</summary>
    private static int? Compare(PolicyValue left, PolicyValue right, ref MatchFrame frame, PolicyFailure failure)
    {
        if (left.Kind is PolicyValueKind.Number && right.Kind is PolicyValueKind.Number && !double.IsNaN(left.AsNumber) && !double.IsNaN(right.AsNumber))
        {
            return left.AsNumber.CompareTo(right.AsNumber);
        }

        if (left.Kind is PolicyValueKind.Text && right.Kind is PolicyValueKind.Text)
        {
            return string.CompareOrdinal(left.AsText, right.AsText);
        }

        if (left.TryNumber(out var a) && right.TryNumber(out var b) && !double.IsNaN(a) && !double.IsNaN(b))
        {
            return a.CompareTo(b);
        }

        frame.Fail(failure);
        return null;
    }
}
