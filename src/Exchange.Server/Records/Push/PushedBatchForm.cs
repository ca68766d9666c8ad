using System.Collections.Immutable;
using System.Globalization;
using Exchange.Catalog;

namespace Exchange.Server.Records.Push;

/// <summary>The bounds of one batch. What is wrong with a single record is told in the receipt instead.</summary>
internal static class PushedBatchForm
{
    /// <summary>Records of a batch.</summary>
    public const int MostRecords = 2_000;

    private const int MostWarnings = 20;
    private const int LongestWarning = 60;
    private const int MostViolations = 50;

    /// <summary>Everything that is wrong with the batch as such; null when nothing is.</summary>
    public static Refusal? Check(BatchContent batch)
    {
        var violations = ImmutableArray.CreateBuilder<FieldViolation>();
        if (batch.Sequence < 1)
        {
            violations.Add(new("batch.sequence", "OUT_OF_RANGE", "number the batches of a push from 1"));
        }

        if (batch.Count is 0 or > MostRecords)
        {
            violations.Add(new("batch.records", "COUNT", $"send 1 to {MostRecords} records in a batch"));
        }

        for (var index = 0; index < batch.Count && violations.Count < MostViolations; index++)
        {
            if (batch.Records[index].Warnings is { } warnings && (warnings.Count > MostWarnings || !warnings.TrueForAll(IsReason)))
            {
                violations.Add(new(
                    string.Create(CultureInfo.InvariantCulture, $"batch.records[{index}].warnings"), "FORMAT",
                    $"send at most {MostWarnings} warnings, each an UPPER_SNAKE reason of at most {LongestWarning} characters"));
            }
        }

        return violations.Count > 0 ? Refusal.Invalid(violations.ToImmutable()) : null;
    }

    private static bool IsReason(string text) =>
        text.Length is > 0 and <= LongestWarning && text.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter is '_');
}
