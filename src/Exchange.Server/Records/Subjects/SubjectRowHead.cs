namespace Exchange.Server.Records.Subjects;

/// <summary>What a subject table keeps of a record besides its fields.</summary>
/// <param name="Partition">The record's partition.</param>
/// <param name="RecordId">Its id.</param>
/// <param name="OpenedPosition">Position of its first event, which never changes; <see cref="NotRead"/> where the row is there already.</param>
/// <param name="Version">Its version.</param>
/// <param name="Position">Position of its last event.</param>
/// <param name="UpdateTime">When it last changed, in microseconds since 1970.</param>
/// <param name="Opener">The department that opened it.</param>
/// <param name="SourceSystem">The system it came from.</param>
/// <param name="SourceId">Its id there.</param>
/// <param name="SourceVersions">A JSON object or null.</param>
internal readonly record struct SubjectRowHead(
    int Partition, Guid RecordId, long OpenedPosition, long Version, long Position, long UpdateTime, string Opener, string SourceSystem, string SourceId, string? SourceVersions)
{
    /// <summary>No event has this position.</summary>
    public const long NotRead = 0;
}
