namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>What became of the operations of a run.</summary>
internal sealed class Verdict
{
    /// <summary>Record events in the log.</summary>
    public int Stored { get; init; }

    /// <summary>Operations told ACCEPTED.</summary>
    public int Accepted { get; set; }

    /// <summary>Operations told that a newer version is there.</summary>
    public int Stale { get; set; }

    /// <summary>Events of writers that were not judged.</summary>
    public int Others { get; set; }

    /// <summary>Events whose hash was recomputed.</summary>
    public long Verified { get; set; }

    /// <summary>Operations that were acknowledged and are not there as acknowledged.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Operations that are there more than once.</summary>
    public List<string> Twice { get; } = [];

    /// <summary>Operations whose writer did not get exactly one receipt.</summary>
    public List<string> Untold { get; } = [];

    /// <summary>Anything else that must not be.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>Everything that is wrong, shortened.</summary>
    public string Faults => string.Join('\n', Shown("lost", Lost), Shown("twice", Twice), Shown("untold", Untold), Shown("wrong", Wrong)).Trim();

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Accepted} accepted, {Stale} stale, lost {Lost.Count}, twice {Twice.Count}, untold {Untold.Count}, wrong {Wrong.Count}, {Stored} record events, {Verified} hashes";

    private static string Shown(string kind, List<string> found) => found.Count is 0 ? "" : $"{kind} {found.Count}: {string.Join("; ", found.Take(5))}";
}
