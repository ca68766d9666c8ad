using System.Collections;
using System.Text;
using Grpc.Core.Utils;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call: a list of entries, in which a key may stand more than once. Keys compare exactly; entries keep theirs in lower case.</summary>
public sealed class Metadata : IList<Metadata.Entry>
{
    /// <summary>Ends the keys of binary values.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries, and never any: adding to it throws <see cref="InvalidOperationException"/>.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    private readonly List<Entry> entries = [];

    /// <summary>Starts without entries.</summary>
    public Metadata()
        : this(isReadOnly: false)
    {
    }

    private Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    /// <inheritdoc/>
    public Entry this[int index]
    {
        get => entries[index];
        set
        {
            CheckWritable();
            entries[index] = GrpcPreconditions.CheckNotNull(value, nameof(value));
        }
    }

    /// <inheritdoc/>
    public int Count => entries.Count;

    /// <inheritdoc/>
    public bool IsReadOnly { get; }

    /// <summary>The last entry with this key, which wins where a key stands more than once; null when there is none.</summary>
    public Entry? Get(string key) => entries.FindLast(entry => entry.Key == key);

    /// <summary>The text of the last entry with this key; null when there is none. <see cref="InvalidOperationException"/> when it is binary.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The bytes of the last entry with this key, or its text as ASCII; null when there is none.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    /// <summary>All entries with this key, first to last.</summary>
    public IEnumerable<Entry> GetAll(string key) => entries.Where(entry => entry.Key == key);

    /// <summary>Adds a text value.</summary>
    public void Add(string key, string value) => Add(new Entry(key, value));

    /// <summary>Adds a binary value; the key must end in <see cref="BinaryHeaderSuffix"/>.</summary>
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    /// <inheritdoc/>
    public int IndexOf(Entry item) => entries.IndexOf(item);

    /// <inheritdoc/>
    public void Insert(int index, Entry item)
    {
        GrpcPreconditions.CheckNotNull(item, nameof(item));
        CheckWritable();
        entries.Insert(index, item);
    }

    /// <inheritdoc/>
    public void RemoveAt(int index)
    {
        CheckWritable();
        entries.RemoveAt(index);
    }

    /// <inheritdoc/>
    public void Add(Entry item)
    {
        GrpcPreconditions.CheckNotNull(item, nameof(item));
        CheckWritable();
        entries.Add(item);
    }

    /// <inheritdoc/>
    public void Clear()
    {
        CheckWritable();
        entries.Clear();
    }

    /// <inheritdoc/>
    public bool Contains(Entry item) => entries.Contains(item);

    /// <inheritdoc/>
    public void CopyTo(Entry[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    /// <inheritdoc/>
    public bool Remove(Entry item)
    {
        CheckWritable();
        return entries.Remove(item);
    }

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void CheckWritable() => GrpcPreconditions.CheckState(!IsReadOnly, "this metadata is read-only");

    /// <summary>One header or trailer. A key ending in <see cref="BinaryHeaderSuffix"/> has bytes for its value, any other has ASCII text.</summary>
    public class Entry
    {
        private readonly string? text;
        private readonly byte[]? bytes;

        /// <summary>A binary value, which is copied. <see cref="ArgumentException"/> when the key is not valid or lacks the suffix.</summary>
        public Entry(string key, byte[] valueBytes)
        {
            Key = ToValidKey(key);
            GrpcPreconditions.CheckArgument(IsBinary, $"metadata key `{Key}` must end in `{BinaryHeaderSuffix}` to have a binary value");
            bytes = [.. GrpcPreconditions.CheckNotNull(valueBytes, nameof(valueBytes))];
        }

        /// <summary>A text value. <see cref="ArgumentException"/> when the key is not valid or has the suffix.</summary>
        public Entry(string key, string value)
        {
            Key = ToValidKey(key);
            GrpcPreconditions.CheckArgument(!IsBinary, $"metadata key `{Key}` ends in `{BinaryHeaderSuffix}` and so must have a binary value");
            text = GrpcPreconditions.CheckNotNull(value, nameof(value));
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>The bytes, or the text as ASCII. A copy.</summary>
        public byte[] ValueBytes => bytes is null ? Encoding.ASCII.GetBytes(text!) : [.. bytes];

        /// <summary>The text. <see cref="InvalidOperationException"/> when the value is binary.</summary>
        public string Value => text ?? throw new InvalidOperationException($"metadata entry `{Key}` is binary: read its bytes");

        /// <summary>Whether the value is binary.</summary>
        public bool IsBinary => Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <summary>Key and value, for people.</summary>
        public override string ToString() =>
            bytes is null ? $"[Entry: key={Key}, value={text}]" : $"[Entry: key={Key}, valueBytes={Convert.ToHexStringLower(bytes)}]";

        private static string ToValidKey(string key)
        {
            GrpcPreconditions.CheckNotNull(key, nameof(key));
            GrpcPreconditions.CheckArgument(
                key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'),
                $"metadata key `{key}` is not valid: use ASCII letters, digits, `_`, `-` and `.`");
            return key.ToLowerInvariant();
        }
    }
}
