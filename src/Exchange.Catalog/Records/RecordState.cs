using System.Collections.Immutable;

namespace Exchange.Catalog.Records;

/// <summary>One record as it stands: immutable, its values in the order of <see cref="ResourceDefinition.Fields"/>.</summary>
public sealed class RecordState
{
    private readonly FieldValue[] _values;

    /// <summary>
    /// Takes the array over: it must not change afterwards. It has one value for each field of the revision that is
    /// decided on, so a record read from the subject table under that revision fits.
    /// </summary>
    public RecordState(
        long version, DepartmentId opener, string sourceSystem, string sourceId, FieldValue[] values, ImmutableArray<SourceVersion> sourceVersions)
    {
        ArgumentNullException.ThrowIfNull(values);
        Version = version;
        Opener = opener;
        SourceSystem = sourceSystem;
        SourceId = sourceId;
        _values = values;
        SourceVersions = sourceVersions;
    }

    /// <summary>Version in the record's stream: how many events it has.</summary>
    public long Version { get; }

    /// <summary>Department that opened it.</summary>
    public DepartmentId Opener { get; }

    /// <summary>System it was opened from.</summary>
    public string SourceSystem { get; }

    /// <summary>Its number in that system.</summary>
    public string SourceId { get; }

    /// <summary>Values by field index; missing where there is none.</summary>
    public ReadOnlySpan<FieldValue> Values => _values;

    /// <summary>Newest version sent by each source system that sends versions.</summary>
    public ImmutableArray<SourceVersion> SourceVersions { get; }

    /// <summary>Newest version that this system sent; 0 when it sent none.</summary>
    public long SourceVersionOf(string system)
    {
        foreach (var (name, version) in SourceVersions)
        {
            if (name == system)
            {
                return version;
            }
        }

        return 0;
    }

    /// <summary>The same after so many more events that write no value.</summary>
    public RecordState After(int events) => new(Version + events, Opener, SourceSystem, SourceId, _values, SourceVersions);

    internal FieldValue[] CopyValues() => [.. _values];

    /// <summary>This record after so many more events. Keeps the values when none are given.</summary>
    internal RecordState Next(int events, FieldValue[]? values, string system, long sourceVersion) =>
        new(Version + events, Opener, SourceSystem, SourceId, values ?? _values, WithVersion(SourceVersions, system, sourceVersion));

    internal static ImmutableArray<SourceVersion> WithVersion(ImmutableArray<SourceVersion> versions, string system, long version)
    {
        if (version is 0)
        {
            return versions;
        }

        for (var index = 0; index < versions.Length; index++)
        {
            if (versions[index].System == system)
            {
                return versions[index].Version == version ? versions : versions.SetItem(index, new SourceVersion(system, version));
            }
        }

        return versions.Add(new SourceVersion(system, version));
    }
}
