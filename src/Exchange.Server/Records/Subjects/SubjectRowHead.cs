namespace Exchange.Server.Records.Subjects;

/// <summary>What a subject table keeps of a record besides its fields. The time is in microseconds since 1970, the source versions are a JSON object or null.</summary>
internal readonly record struct SubjectRowHead(
    int Partition, Guid RecordId, long Version, long Position, long UpdateTime, string Opener, string SourceSystem, string SourceId, string? SourceVersions);
