namespace Exchange.Clients.Mapping;

/// <summary>Counts of what a mapping did.</summary>
public sealed class MappingStatistics
{
    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows that became records.</summary>
    public long Mapped { get; private set; }

    /// <summary>Warnings by reason.</summary>
    public Dictionary<string, long> Warnings { get; } = new(StringComparer.Ordinal);

    /// <summary>For fields with rules: how many texts a rule recognised, and how many there were.</summary>
    public Dictionary<string, (long Recognised, long Texts)> Recognition { get; } = new(StringComparer.Ordinal);

    internal void Count(MappedRow row)
    {
        Rows++;
        if (row.Problems.Count > 0)
        {
            return;
        }

        Mapped++;
        foreach (var part in row.Parts)
        {
            foreach (var warning in part?.Record.Warnings ?? [])
            {
                Warnings[warning] = Warnings.GetValueOrDefault(warning) + 1;
            }
        }
    }

    internal void CountText(string field, bool recognised)
    {
        var (known, texts) = Recognition.GetValueOrDefault(field);
        Recognition[field] = (known + (recognised ? 1 : 0), texts + 1);
    }
}
