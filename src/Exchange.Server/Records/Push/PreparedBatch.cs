using System.Runtime.InteropServices;
using Exchange.Catalog;
using Exchange.Catalog.Records;

namespace Exchange.Server.Records.Push;

/// <summary>A batch under its header as things stand: ids resolved. Give it back with <see cref="Release"/> once nobody decides on it any more.</summary>
internal sealed class PreparedBatch
{
    private readonly Guid[] ids;
    private readonly FieldError?[]? referenceErrors;
    private readonly int sizeBytes;

    /// <summary>Resolves the records of a batch that <see cref="PushedBatchForm"/> found in order.</summary>
    public PreparedBatch(PushPlan plan, BatchContent content)
    {
        const int BytesPerValue = 40;
        (Plan, Content) = (plan, content);
        ids = new Guid[content.Count];
        sizeBytes = content.Bytes.Length + (content.Count * plan.Columns.Count * BytesPerValue);
        for (var index = 0; index < ids.Length; index++)
        {
            if (TryResolve(content.Records[index], out var id, out var error))
            {
                ids[index] = id.Value;
            }
            else
            {
                (referenceErrors ??= new FieldError?[ids.Length])[index] = error;
            }
        }
    }

    /// <summary>The header it was read under.</summary>
    public PushPlan Plan { get; }

    /// <summary>The batch as it was sent.</summary>
    public BatchContent Content { get; }

    /// <summary>True when its records are presumed to be new, so that those it can open are not looked for.</summary>
    public bool PresumesNew { get; set; }

    /// <summary>Ids of its records, in order; empty where the reference is wrong.</summary>
    public Guid[] RecordIds => ids;

    /// <summary>How many records.</summary>
    public int Count => ids.Length;

    /// <summary>About how many bytes so many of its records hold.</summary>
    public int SizeBytesOf(int records) => (int)((long)sizeBytes * records / Math.Max(1, Count));

    /// <summary>The record's id; empty when its reference is wrong.</summary>
    public Guid IdOf(int index) => ids[index];

    /// <summary>What is wrong with the record's reference; null when nothing is.</summary>
    public FieldError? ReferenceErrorOf(int index) => referenceErrors?[index];

    /// <summary>The caller's own number, which opens the record when there is none; null for the other references.</summary>
    public string? OpenAsOf(int index) => Content.Records[index].OpenAs;

    /// <summary>Version in the source system; 0 means none.</summary>
    public long SourceVersionOf(int index) => Content.Records[index].SourceVersion;

    /// <summary>Quality warnings of the row.</summary>
    public ReadOnlySpan<string> WarningsOf(int index) => CollectionsMarshal.AsSpan(Content.Records[index].Warnings);

    /// <summary>The values as they came: as many as were sent when that is not the header's number.</summary>
    public ReadOnlySpan<PushedValue> ValuesOf(int index) => Content.ValuesOf(index);

    /// <summary>Gives the memory back.</summary>
    public void Release() => Content.Release();

    private bool TryResolve(in PushedEntry record, out RecordId id, out FieldError? error)
    {
        if (record.Reference is { } reference)
        {
            return Plan.Columns.TryResolve(reference, out id, out error);
        }

        id = default;
        error = new FieldError("", FieldError.InvalidReference, "name the record by `source_id`, `record_id` (a UUID) or `opened_as`");
        return false;
    }
}
