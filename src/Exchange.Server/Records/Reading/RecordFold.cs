using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Reading;

/// <summary>
/// A record as its events make it, applied one by one in the order of versions from the first, or as its row stands. Also the row that conditions read.
/// Not for concurrent use.
/// </summary>
internal sealed class RecordFold : IRow
{
    private readonly ResourceDefinition resource;
    private readonly FieldValue[] values;

    /// <summary>A record without events.</summary>
    /// <param name="resource">The revision whose fields the values are.</param>
    public RecordFold(ResourceDefinition resource)
        : this(resource, new FieldValue[resource.Fields.Length])
    {
    }

    private RecordFold(ResourceDefinition resource, FieldValue[] values) => (this.resource, this.values) = (resource, values);

    /// <summary>A record as its row stands.</summary>
    /// <param name="resource">The revision whose fields the values are.</param>
    /// <param name="head">What the row keeps besides its fields.</param>
    /// <param name="createTime">When it was opened, in microseconds since 1970.</param>
    /// <param name="values">A value for each of the resource's fields; the record's own from now on.</param>
    public static RecordFold Of(ResourceDefinition resource, in SubjectRowHead head, long createTime, FieldValue[] values) => new(resource, values)
    {
        Version = head.Version,
        Position = head.Position,
        Opener = head.Opener,
        SourceSystem = head.SourceSystem,
        SourceId = head.SourceId,
        CreateTime = Time(createTime),
        UpdateTime = Time(head.UpdateTime),
    };

    /// <summary>The revision whose fields the values are.</summary>
    public ResourceDefinition Resource => resource;

    /// <summary>Version of the last applied event; 0 before the first.</summary>
    public long Version { get; private set; }

    /// <summary>Position of the last applied event.</summary>
    public long Position { get; private set; }

    /// <summary>Department that opened the record.</summary>
    public string Opener { get; private set; } = "";

    /// <summary>System it was opened from.</summary>
    public string SourceSystem { get; private set; } = "";

    /// <summary>Its number there.</summary>
    public string SourceId { get; private set; } = "";

    /// <summary>When it was opened.</summary>
    public DateTimeOffset CreateTime { get; private set; }

    /// <summary>When its last event was recorded.</summary>
    public DateTimeOffset UpdateTime { get; private set; }

    /// <summary>Values by field index; missing where there is none.</summary>
    public ReadOnlySpan<FieldValue> Values => values;

    /// <summary>Applies the next event. Values still sealed in it (their key is destroyed, or they were not asked for) count as missing.</summary>
    public void Apply(RecordEvent recordEvent)
    {
        var stored = recordEvent.Stored;
        if (stored.Version != Version + 1)
        {
            throw new InvalidOperationException($"event {stored.Version} of stream {stored.StreamId} was applied after {Version}");
        }

        if (stored.Version is 1)
        {
            (SourceSystem, SourceId) = recordEvent.OpenedAs;
            CreateTime = stored.RecordedAt;
        }

        Opener = recordEvent.Opener;
        (Version, Position, UpdateTime) = (stored.Version, stored.Position, stored.RecordedAt);
        if (recordEvent.IsProposal)
        {
            return;
        }

        foreach (var number in recordEvent.SealedFields)
        {
            Set(number, default);
        }

        foreach (var (number, value) in recordEvent.Changes)
        {
            Set(number, value);
        }
    }

    /// <inheritdoc/>
    public FieldValue Get(int number) => number switch
    {
        -1 => Text(Opener),
        -2 => Text(SourceSystem),
        -3 => Text(SourceId),
        -4 => Time(CreateTime),
        -5 => Time(UpdateTime),
        _ => resource.IndexOf(number) is var index and >= 0 ? values[index] : default,
    };

    /// <summary>A time as conditions read it.</summary>
    public static FieldValue Time(DateTimeOffset time) => FieldValue.Timestamp((time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    private static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private FieldValue Text(string text) => Version is 0 ? default : FieldValue.Text(text);

    private void Set(int number, in FieldValue value)
    {
        // A number this revision does not know was added by a later one than the plan's: nobody asked for it.
        if (resource.IndexOf(number) is var index and >= 0)
        {
            values[index] = value;
        }
    }
}
