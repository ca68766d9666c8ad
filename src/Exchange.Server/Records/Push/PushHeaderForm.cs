using Exchange.Catalog;
using Exchange.Catalog.Records;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Records.Push;

/// <summary>A push's header as it was sent, checked for its form.</summary>
internal sealed class PushHeaderForm
{
    private const string ResourcePrefix = "resources/";
    private const int LongestPushId = 100;

    private PushHeaderForm(Proto.PushHeader header, ResourceId resource)
    {
        Header = header;
        Pushed = new PushedHeader(resource, header.SourceSystem, header.Fields, (UnownedFields)(int)header.UnownedFields, (Purpose)(int)header.Purpose);
    }

    /// <summary>The header.</summary>
    public Proto.PushHeader Header { get; }

    /// <summary>What it says about the push's records.</summary>
    public PushedHeader Pushed { get; }

    /// <summary>Checks the form: every violation at once.</summary>
    public static Result<PushHeaderForm> Parse(Proto.PushHeader header)
    {
        List<FieldViolation> violations = [];
        var name = header.Resource.StartsWith(ResourcePrefix, StringComparison.Ordinal) ? header.Resource[ResourcePrefix.Length..] : "";
        if (!ResourceId.IsValid(name))
        {
            violations.Add(new("header.resource", "FORMAT", "name a resource as `resources/{resource}`"));
        }

        if (header.SourceSystem.Length is 0)
        {
            violations.Add(new("header.source_system", "REQUIRED", "name one of the caller's source systems"));
        }

        if (header.PushId.Length is 0 or > LongestPushId || header.PushId.AsSpan().ContainsAnyInRange('\0', '\u001f'))
        {
            violations.Add(new("header.push_id", "FORMAT", $"give the push an id of 1 to {LongestPushId} characters without control characters"));
        }

        if (!Enum.IsDefined(header.Purpose))
        {
            violations.Add(new("header.purpose", "UNKNOWN_CODE", "give one of the purposes, or none"));
        }

        return violations.Count > 0 ? Refusal.Invalid(violations) : new PushHeaderForm(header, new ResourceId(name));
    }
}
