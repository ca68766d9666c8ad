using System.Text.RegularExpressions;

namespace Exchange.Clients.Mapping;

/// <summary>Where one field's value comes from.</summary>
public sealed record FieldMapping
{
    /// <summary>Field of the resource; empty for an item of a list.</summary>
    public required string Field { get; init; }

    /// <summary>The column that is named when something is wrong with the field: the first it is taken from; empty for a constant.</summary>
    public string MainColumn => Point?.Latitude ?? Columns.Concat(Items.Select(i => i.MainColumn)).FirstOrDefault(c => c.Length > 0) ?? "";

    /// <summary>Columns; several are joined, leaving out the empty ones.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>What stands between several columns.</summary>
    public required string Join { get; init; }

    /// <summary>A constant instead of columns.</summary>
    public string? Constant { get; init; }

    /// <summary>Columns of a point's latitude and longitude.</summary>
    public (string Latitude, string Longitude)? Point { get; init; }

    /// <summary>Items of a text list, each with its own source.</summary>
    public required IReadOnlyList<FieldMapping> Items { get; init; }

    /// <summary>Cuts the text into pieces at this text.</summary>
    public string? Split { get; init; }

    /// <summary>Takes one piece, from 0; negative counts from the end.</summary>
    public int? Item { get; init; }

    /// <summary>Takes the first group of the match (the whole match without a group).</summary>
    public Regex? Extract { get; init; }

    /// <summary>Puts zeros before the text up to so many characters.</summary>
    public int PadZeros { get; init; }

    /// <summary>Put before the text.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Code map from the source's code; null when there is none. A null value leaves the field out.</summary>
    public IReadOnlyDictionary<string, string?>? Codes { get; init; }

    /// <summary>The code system the text is a code of, which the hub maps by the field's code list; null when the text is the field's value itself.</summary>
    public string? CodeSystem { get; init; }

    /// <summary>
    /// Passages of the text to look for rules in, in their order; the first in which a rule matches decides. A passage is the
    /// pattern's first match there (its first group where it has one). None: the whole text.
    /// </summary>
    public required IReadOnlyList<Regex> Passages { get; init; }

    /// <summary>Rules that read a value out of a text; the first that matches wins.</summary>
    public required IReadOnlyList<TextRule> Rules { get; init; }

    /// <summary>Value for what codes and rules do not know; null with <see cref="HasOtherwise"/> leaves the field out.</summary>
    public string? Otherwise { get; init; }

    /// <summary>True when the mapping says what to do with the unknown; otherwise such a row is rejected.</summary>
    public bool HasOtherwise { get; init; }

    /// <summary>Warning that goes with <see cref="Otherwise"/>; null for none.</summary>
    public string? OtherwiseWarning { get; init; }

    /// <summary>Value when the source is empty.</summary>
    public string? Default { get; init; }

    /// <summary>True: an empty source removes the field's value; false leaves the field as it is.</summary>
    public bool ClearWhenEmpty { get; init; }

    /// <summary>Patterns of dates and times, tried in order.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>When the field is to be left out though its columns are filled.</summary>
    public LeaveOut? Unless { get; init; }

    /// <summary>Line of the file, for messages.</summary>
    public required long Line { get; init; }

    /// <summary>Path of the key, for messages.</summary>
    public required string Key { get; init; }
}

/// <summary>Reads a value out of a text.</summary>
/// <param name="Match">When it matches anywhere in the text…</param>
/// <param name="Value">…this is the value; null leaves the field out.</param>
public sealed record TextRule(Regex Match, string? Value);

/// <summary>Leaves a field out when a column says that its value is none.</summary>
/// <param name="Column">The column that tells.</param>
/// <param name="Match">When it matches.</param>
/// <param name="Warning">Kept with the record; null for none.</param>
public sealed record LeaveOut(string Column, Regex Match, string? Warning);
