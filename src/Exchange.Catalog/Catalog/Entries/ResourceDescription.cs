namespace Exchange.Catalog;

/// <summary>What a catalog entry says besides names, category and fields: the rest of the thirteen core metadata items, and whom to ask.</summary>
public sealed record ResourceDescription
{
    /// <summary>An entry that says nothing of all this.</summary>
    public static ResourceDescription None { get; } = new();

    /// <summary>National code (信息资源代码); null when it has none.</summary>
    public ResourceCode? Code { get; init; }

    /// <summary>Format (信息资源格式).</summary>
    public ResourceFormat Format { get; init; }

    /// <summary>Way of sharing (共享方式).</summary>
    public SharingMode SharingMode { get; init; }

    /// <summary>With PLATFORM: in which ways; none means API and FEED.</summary>
    public ValueList<PlatformMode> PlatformModes { get; init; }

    /// <summary>National codes of related resources (关联资源代码), at most 100.</summary>
    public ValueList<ResourceCode> RelatedCodes { get; init; }

    /// <summary>System it comes from.</summary>
    public string SourceSystem { get; init; } = "";

    /// <summary>Which area and time it covers.</summary>
    public string Coverage { get; init; } = "";

    /// <summary>Whom to ask: an office and its line, not a person.</summary>
    public string Contact { get; init; } = "";

    /// <summary>True when its records are pushed to the hub and read from it; else the catalog only describes it.</summary>
    public bool IsMounted => SharingMode is SharingMode.Unspecified or SharingMode.Platform;
}
