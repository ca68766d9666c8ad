using System.Globalization;
using System.Text;
using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Checks what a draft says of itself besides its fields and codes: names, format and ways of sharing, whom to ask.</summary>
internal static class DescriptionRules
{
    /// <summary>Most related codes.</summary>
    internal const int MostRelatedCodes = 100;

    /// <summary>Most ways of sharing through the hub: each once.</summary>
    internal const int MostPlatformModes = 4;

    private const int LongestSourceSystem = 200;
    private const int LongestCoverage = 500;
    private const int LongestContact = 200;

    // Which formats can be had in which way.
    private static readonly Dictionary<SharingMode, ResourceFormat[]> _unsuited = new()
    {
        [SharingMode.Platform] = [ResourceFormat.ElectronicFile, ResourceFormat.Image, ResourceFormat.StreamingMedia],
        [SharingMode.Mail] = [ResourceFormat.Database, ResourceFormat.StreamingMedia, ResourceFormat.ServiceInterface],
        [SharingMode.Media] = [ResourceFormat.ServiceInterface],
        [SharingMode.Other] = [],
    };

    internal static void Check(GovernanceState state, ResourceDraft draft, List<FieldViolation> violations)
    {
        CheckNames(state, draft, violations);
        CheckModes(draft.Description, violations);
        CheckText("source_system", draft.Description.SourceSystem, LongestSourceSystem, violations);
        CheckText("coverage", draft.Description.Coverage, LongestCoverage, violations);
        CheckText("contact", draft.Description.Contact, LongestContact, violations);
    }

    private static void CheckNames(GovernanceState state, ResourceDraft draft, List<FieldViolation> violations)
    {
        foreach (var (part, name, of) in (ReadOnlySpan<(string, string, Func<ResourceDefinition, string>)>)
            [("display_name", draft.DisplayName, other => other.DisplayName), ("display_name_zh", draft.DisplayNameZh, other => other.DisplayNameZh)])
        {
            var bare = Bare(name);
            if (state.Resources.GetValueOrDefault(draft.Id.Value) is { } current && current.Department == draft.Department && Bare(of(current)) == bare)
            {
                continue;
            }

            if (bare.Length > 0 && state.Resources.Values.FirstOrDefault(other => other.Department == draft.Department && other.Id != draft.Id && Bare(of(other)) == bare) is { } same)
            {
                violations.Add(new($"resource.{part}", "NAME_TAKEN", $"`{same.Id}` of this department has the same name but for spaces, punctuation or case: say what is different"));
            }
        }
    }

    private static void CheckModes(ResourceDescription description, List<FieldViolation> violations)
    {
        if (!Enum.IsDefined(description.Format))
        {
            violations.Add(new("resource.format", "UNKNOWN_VALUE", "give one of the formats"));
        }

        if (!Enum.IsDefined(description.SharingMode))
        {
            violations.Add(new("resource.sharing_mode", "UNKNOWN_VALUE", "give one of the sharing modes"));
            return;
        }

        var mode = description.SharingMode is SharingMode.Unspecified ? SharingMode.Platform : description.SharingMode;
        var format = description.Format is ResourceFormat.Unspecified ? ResourceFormat.Database : description.Format;
        if (_unsuited[mode].Contains(format))
        {
            violations.Add(new("resource.format", "UNSUITED", $"{EnumWords.Of(format)} cannot be shared by {EnumWords.Of(mode)}: choose another format or sharing mode"));
        }

        foreach (var (index, way) in description.PlatformModes.Index())
        {
            if (!Enum.IsDefined(way) || way is PlatformMode.Unspecified)
            {
                violations.Add(new($"resource.platform_modes[{index}]", "UNKNOWN_VALUE", "give API, TABLE, FILE or FEED"));
            }
            else if (mode is not SharingMode.Platform)
            {
                violations.Add(new($"resource.platform_modes[{index}]", "NOT_APPLICABLE", "only with PLATFORM"));
            }
            else if (description.PlatformModes.Take(index).Contains(way))
            {
                violations.Add(new($"resource.platform_modes[{index}]", "DUPLICATE", "stands here twice"));
            }
        }
    }

    private static void CheckText(string part, string text, int longest, List<FieldViolation> violations)
    {
        if (!Syntax.IsLabel(text, 0, longest))
        {
            violations.Add(new($"resource.{part}", "INVALID_TEXT", $"must be at most {longest} characters without control characters"));
        }
    }

    // Letters and digits only, in one width and case.
    private static string Bare(string name)
    {
        var bare = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var folded = rune.Value is >= 0xFF01 and <= 0xFF5E ? new Rune(rune.Value - 0xFEE0) : rune;
            if (Rune.IsLetterOrDigit(folded))
            {
                bare.Append(Rune.ToLower(folded, CultureInfo.InvariantCulture).ToString());
            }
        }

        return bare.ToString();
    }
}
