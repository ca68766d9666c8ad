using Exchange.Protos.V1;

namespace Exchange.Cli.Demo;

/// <summary>Takes two Chinese characters of the first title that has them, and counts the titles they occur in.</summary>
internal sealed class TitleScan
{
    public const string Field = "title";

    /// <summary>The two characters; null while no title had any.</summary>
    public string? Term { get; private set; }

    /// <summary>Titles with them among those looked at. Those before the first one have no Chinese character at all.</summary>
    public long Counted { get; private set; }

    /// <summary>What the hub's search finds.</summary>
    public long Found { get; set; }

    public void Look(RecordBatch batch, int column)
    {
        foreach (var row in column < 0 ? [] : batch.Rows)
        {
            var title = row.Values[column].Text;
            Term ??= TermOf(title);
            Counted += Term is not null && title.Contains(Term, StringComparison.Ordinal) ? 1 : 0;
        }
    }

    private static string? TermOf(string title)
    {
        for (var i = title.Length - 2; i >= 0; i--)
        {
            if (IsHan(title[i]) && IsHan(title[i + 1]))
            {
                return title.Substring(i, 2);
            }
        }

        return null;
    }

    private static bool IsHan(char character) => character is >= '\u4E00' and <= '\u9FA5';
}
