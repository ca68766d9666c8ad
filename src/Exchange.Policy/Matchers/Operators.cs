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

    public static MatcherValue Arithmetic(string sign, MatcherValue left, MatcherValue right, PolicyFailure failure, bool keepsSign = false) =>
        (ref MatchFrame frame) =>
        {
            var (a, b) = (left(ref frame), right(ref frame));
            if (sign == "+" && (a.Kind is PolicyValueKind.Text || b.Kind is PolicyValueKind.Text) && a.IsScalar && b.IsScalar)
            {
                return a.ToString() + b.ToString();
            }

            if (!a.TryNumber(out var x) || !b.TryNumber(out var y))
            {
                return frame.Fail(failure);
            }

            return keepsSign ? y : sign switch
            {
                "+" => x + y,
                "-" => x - y,
                "*" => x * y,
                "/" => x / y,
                "%" => x % y,
                "**" => Math.Pow(x, y),
                _ => throw new UnreachableException($"no arithmetic is called `{sign}`"),
            };
        };

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

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a custom function throws fails the expression, which denies.")]
    public static PolicyValue Call(PolicyFunction function, PolicyValue[] arguments, ref MatchFrame frame, PolicyFailure failure)
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
