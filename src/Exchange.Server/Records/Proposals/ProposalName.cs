using System.Globalization;
using Exchange.Catalog;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Records.Proposals;

/// <summary>`resources/{resource}/records/{record}/proposals/{proposal}`, which is the version that the proposal made of its record.</summary>
internal readonly record struct ProposalName(RecordName Record, long Version)
{
    private const string Collection = "/proposals/";

    /// <summary>Reads a name.</summary>
    public static Result<ProposalName> Parse(string name) =>
        name.LastIndexOf(Collection, StringComparison.Ordinal) is var end and > 0 && RecordName.Parse(name[..end]) is { IsRefused: false, Value: var record }
        && long.TryParse(name.AsSpan(end + Collection.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? new ProposalName(record, version)
            : Refusal.Invalid("name", "INVALID_NAME", "must be `resources/{resource}/records/{record}/proposals/{proposal}`, the record a UUID and the proposal a number");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Record}{Collection}{Version}");
}
