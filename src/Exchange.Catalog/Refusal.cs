using System.Collections.ObjectModel;

namespace Exchange.Catalog;

/// <summary>
/// An expected "no". The message is lower case, has no final stop, puts input in backticks, says what to do and never
/// shows a field's value; each varying part of it stands in <see cref="Metadata"/> too.
/// </summary>
public sealed record Refusal(RefusalReason Reason, string Message)
{
    /// <summary>Varying parts of the message by lower_snake key.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>All bad parts of the request at once; empty unless the request itself was bad.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; init; } = [];

    /// <summary>When a repeat may succeed; null leaves it to the kind of refusal.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A bad request with every violation in it.</summary>
    public static Refusal Invalid(IReadOnlyList<FieldViolation> violations)
    {
        ArgumentNullException.ThrowIfNull(violations);
        var message = violations switch
        {
            [] => "the request is not valid",
            [var only] => $"`{only.Field}`: {only.Message}",
            [var first, ..] => $"`{first.Field}`: {first.Message} (and {violations.Count - 1} more)",
        };
        return new Refusal(RefusalReason.BadRequest, message) { Violations = violations };
    }

    /// <summary>A bad request with one violation.</summary>
    public static Refusal Invalid(string field, string reason, string message) => Invalid([new FieldViolation(field, reason, message)]);
}
