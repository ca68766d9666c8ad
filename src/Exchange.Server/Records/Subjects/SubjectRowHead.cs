namespace Exchange.Server.Records.Subjects;

/// <summary>What a subject table keeps of a record besides its fields; the source versions are a JSON object or null.</summary>
internal readonly record struct SubjectRowHead(
    Guid RecordId, long Version, long Position, string Opener, string SourceSystem, string SourceId, string? SourceVersions);
