using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

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

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a pattern's test throws fails the expression, which denies.")]
    public static bool Test(Func<string, bool>? test, PolicyValue text, ref MatchFrame frame, PolicyFailure failure)
    {
        if (test is null || !text.IsScalar)
        {
            return frame.Fail(failure).IsTrue;
        }

        try
        {
            return test(text.ToString());
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
