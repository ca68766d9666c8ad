using Exchange.Clients.Mapping;

namespace Exchange.Cli.Demo;

/// <summary>What the demo measured; <see cref="ToJson"/> gives the one JSON object that `--json` prints.</summary>
internal sealed class DemoFigures
{
    public long Records { get; set; }

    public long Accepted { get; set; }

    public long Unchanged { get; set; }

    public IReadOnlyDictionary<string, long> Rejected { get; set; } = new Dictionary<string, long>();

    public MappingStatistics Mapping { get; } = new();

    public long Sent { get; set; }

    public double PushSeconds { get; set; }

    public long Pulled { get; set; }

    public double PullSeconds { get; set; }

    public long Followed { get; set; }

    public double FollowSeconds { get; set; }

    public bool CoverageProven { get; set; }

    public long EventsAppended { get; set; }

    /// <summary>Seconds of each phase, in their order.</summary>
    public Dictionary<string, double> Seconds { get; } = [];

    public object ToJson() => new
    {
        read = Mapping.Rows,
        records = Records,
        accepted = Accepted,
        unchanged = Unchanged,
        rejected = Rejected,
        warnings = Mapping.Warnings,
        pulled = Pulled,
        followed = Followed,
        coverage_proven = CoverageProven,
        events_appended = EventsAppended,
        seconds = Seconds.ToDictionary(s => s.Key, s => Math.Round(s.Value, 3)),
        records_per_second = new { push = Rate(Sent, PushSeconds), pull = Rate(Pulled, PullSeconds), follow = Rate(Followed, FollowSeconds) },
    };

    private static double Rate(long count, double seconds) => seconds > 0 ? Math.Round(count / seconds) : 0;
}
