namespace Exchange.Catalog;

/// <summary>What conditions and basis go with the classes of a field.</summary>
internal static class SharingTermsRules
{
    private const int LongestCondition = 2_000;
    private const int LongestBasis = 1_000;

    /// <summary>Tells what is wrong: the part, the reason, what to do.</summary>
    internal static void Check(SharingClass sharingClass, OpenClass openClass, SharingTerms terms, Action<string, string, string> add)
    {
        Text("condition", terms.Condition);
        Text("open_condition", terms.OpenCondition);
        Require("basis", terms.Basis, sharingClass is SharingClass.NotShared, "NOT_SHARED");
        Require("open_basis", terms.OpenBasis, openClass is OpenClass.NotOpen, "NOT_OPEN");

        void Text(string part, string text)
        {
            if (!Syntax.IsLabel(text, 0, LongestCondition))
            {
                add(part, "INVALID_TEXT", $"must be at most {LongestCondition} characters without control characters");
            }
        }

        void Require(string part, Basis basis, bool isNeeded, string needs)
        {
            if (basis.IsNone)
            {
                if (isNeeded)
                {
                    add(part, "REQUIRED", $"{needs} needs a basis: give its kind and which law, document or reason");
                }

                return;
            }

            if (!Enum.IsDefined(basis.Kind) || basis.Kind is BasisKind.Unspecified)
            {
                add($"{part}.kind", "REQUIRED", "give LAW, POLICY, SENSITIVE or OTHER");
            }

            if (!Syntax.IsLabel(basis.Text, 1, LongestBasis) || string.IsNullOrWhiteSpace(basis.Text))
            {
                add($"{part}.text", "INVALID_TEXT", $"say in 1 to {LongestBasis} characters which law, document or reason");
            }
        }
    }
}
