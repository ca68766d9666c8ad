using Exchange.Catalog;

namespace Exchange.Server.Records.Reading;

/// <summary>`resources/{resource}/records/{record}`.</summary>
internal readonly record struct RecordName(ResourceId Resource, RecordId Record)
{
    /// <summary>Reads a name.</summary>
    public static Result<RecordName> Parse(string name) =>
        name.Split('/') is ["resources", var resource, "records", var record] && ResourceId.IsValid(resource) && Guid.TryParseExact(record, "D", out var id)
            ? new RecordName(new ResourceId(resource), new RecordId(id))
            : Refusal.Invalid("name", "INVALID_NAME", "must be `resources/{resource}/records/{record}`, the record a UUID");

    /// <inheritdoc/>
    public override string ToString() => $"resources/{Resource}/records/{Record}";
}
