using System.Collections.Immutable;
using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Records;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Records.Proposals;

/// <summary>A proposal as its table tells it.</summary>
internal sealed record ProposalRow
{
    /// <summary>Partition of its record.</summary>
    public required int Partition { get; init; }

    /// <summary>Its record.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>Position of its first event.</summary>
    public required long Position { get; init; }

    /// <summary>Resource of the record.</summary>
    public required string Resource { get; init; }

    /// <summary>Number of the field that names the owner; 0 when none does.</summary>
    public int OwnerField { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When it was decided; null while it is open.</summary>
    public DateTimeOffset? DecideTime { get; init; }

    /// <summary>Version of the record that the decision made; null while it is open.</summary>
    public long? DecidedVersion { get; init; }

    /// <summary>The proposal.</summary>
    public required Proposal Proposal { get; init; }

    /// <summary>Its name.</summary>
    public ProposalName Name => new(new RecordName(new ResourceId(Resource), new RecordId(RecordId)), Proposal.Version);

    /// <summary>Numbers of fields as they are kept.</summary>
    public static string Write(IEnumerable<int> fields) => string.Join(' ', fields.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc cref="Write"/>
    public static ImmutableArray<int> Read(string fields) => [.. fields.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
