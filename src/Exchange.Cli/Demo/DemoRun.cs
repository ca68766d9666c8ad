using System.Diagnostics;
using Exchange.Cli.Records;
using Exchange.Cli.Terminal;
using Exchange.Clients;
using Exchange.Clients.Catalog;
using Exchange.Clients.Files;
using Exchange.Clients.Mapping;
using Exchange.Clients.Records;
using Exchange.Protos.V1;

namespace Exchange.Cli.Demo;

/// <summary>The exchange itself, phase by phase.</summary>
internal sealed class DemoRun(Output output, ExchangeClient operatorClient, DemoClients clients, DemoInput input, string folder) : IAsyncDisposable
{
    /// <summary>The two departments that follow everything, and why.</summary>
    private static readonly (string Department, Purpose Purpose)[] _followers = [("supervision-office", Purpose.Regulation), ("follow-up-centre", Purpose.PublicService)];

    private readonly List<DemoFollower> _following = [];
    private readonly HashSet<UInt128> _records = [];
    private long _repeated;
    private readonly Dictionary<string, long> _rejected = new(StringComparer.Ordinal);
    private readonly Dictionary<(string File, string Part), RejectFile> _opening = [];

    /// <summary>The department that pulls.</summary>
    public const string Puller = "urban-management";

    /// <summary>Why it pulls.</summary>
    public const Purpose PullPurpose = Purpose.GovService;

    /// <summary>Why departments push: complaints are handled for the citizens who made them.</summary>
    public const Purpose PushPurpose = Purpose.PublicService;

    /// <summary>The department that owns places, and whose client tries what it may not.</summary>
    public const string Places = "grid-centre";

    public DemoFigures Figures { get; } = new();

    /// <summary>The followers, once they follow.</summary>
    public IReadOnlyList<DemoFollower> Following => _following;

    /// <summary>Columns the puller got.</summary>
    public IReadOnlyList<Column> PulledColumns { get; private set; } = [];

    /// <summary>Fields the puller may read by its access plan; must be what it got.</summary>
    public IReadOnlyList<string> PermittedFields { get; private set; } = [];

    /// <summary>A Chinese word of two characters among the titles, counted by a scan and by the hub's search.</summary>
    public TitleScan Scan { get; } = new();

    /// <summary>Some records that were pulled.</summary>
    public List<RecordRow> Samples { get; } = [];

    /// <summary>Records sent by part and department.</summary>
    public Dictionary<(string Part, string Department), long> SentBy { get; } = [];

    /// <summary>Reject files that were written.</summary>
    public List<string> RejectFiles { get; } = [];

    public string Resource => $"resources/{input.Mapping.Resource}";

    /// <summary>Times a phase.</summary>
    public async Task PhaseAsync(string name, Func<Task> work)
    {
        output.Note($"{name} …");
        var watch = Stopwatch.StartNew();
        await work();
        Figures.Seconds[name] = Figures.Seconds.GetValueOrDefault(name) + watch.Elapsed.TotalSeconds;
    }

    public async Task RunAsync(IReadOnlyList<CatalogFile> city, CancellationToken cancellationToken)
    {
        await PhaseAsync("publish", () => PublishAsync(city, cancellationToken));
        await PhaseAsync("register", () => clients.RegisterAsync(
            [.. input.Mapping.Departments.Keys, .. _followers.Select(f => f.Department), Puller, Places], cancellationToken));
        await PhaseAsync("follow", () => BeginToFollowAsync(cancellationToken));
        var resource = await MappedResource.GetAsync(operatorClient, input.Mapping.Resource, cancellationToken);
        var follow = Stopwatch.StartNew();
        for (var part = 0; part < input.Mapping.Parts.Count; part++)
        {
            foreach (var file in input.Files)
            {
                await PushAsync(resource, file, part, cancellationToken);
            }
        }

        foreach (var (field, (recognised, texts)) in Figures.Mapping.Recognition)
        {
            output.Note($"{field}: recognised in {recognised} of {texts} texts ({100.0 * recognised / texts:F1} %)");
        }

        Figures.Records = _records.Count;
        if (_repeated > 0)
        {
            Count(Figures.Mapping.Warnings, "REPEATED_RECORD", _repeated);
        }

        Figures.Rejected = _rejected;
        await PhaseAsync("catch up", () => CatchUpAsync(cancellationToken));
        Figures.FollowSeconds = follow.Elapsed.TotalSeconds;
        await PhaseAsync("pull", () => PullAsync(cancellationToken));
        if (Scan.Term is not null)
        {
            await PhaseAsync("search", () => SearchAsync(cancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var follower in _following)
        {
            await follower.DisposeAsync();
        }
    }

    // Sharing lists with fields of level 3 and 4 wait for a second steward, who looks at them here at once.
    private async Task PublishAsync(IReadOnlyList<CatalogFile> city, CancellationToken cancellationToken)
    {
        List<PublishedItem> items = [];
        await CatalogPublisher.PublishAsync(operatorClient, name => clients.StewardAsync(name, cancellationToken), city, items.Add, cancellationToken);
        foreach (var item in items)
        {
            if (item.Outcome is PublishOutcome.Waits)
            {
                var department = item.PendingChange[..item.PendingChange.IndexOf("/pendingChanges/", StringComparison.Ordinal)];
                var second = await clients.SecondStewardAsync(department, cancellationToken);
                await second.PendingChanges.ApproveAsync(item.PendingChange, "", cancellationToken);
            }

            Tell(item);
        }
    }

    private void Tell(PublishedItem item)
    {
        if (item.Outcome is PublishOutcome.KeptOther)
        {
            output.Note($"{item.Name} is there already, otherwise than the file says, and stays as it is");
        }
    }

    private async Task BeginToFollowAsync(CancellationToken cancellationToken)
    {
        foreach (var (department, purpose) in _followers)
        {
            _following.Add(await DemoFollower.StartAsync(department, clients.FollowerOf(department), new FollowRequest { Resource = Resource, Purpose = purpose }, cancellationToken));
        }
    }

    private async Task PushAsync(MappedResource resource, string file, int part, CancellationToken cancellationToken)
    {
        var mapping = input.Mapping.Parts[part];
        var mapper = resource.Compile(input.Mapping, file);
        var statistics = part == 0 ? Figures.Mapping : new MappingStatistics();
        var before = statistics.Rows;
        var opens = mapping.IdColumns.Count > 0;
        await using var rejects = new RejectFile(Path.Combine(folder, $"{Path.GetFileName(file)}{(part == 0 ? "" : "." + mapping.Name)}.rejects.csv"));
        if (opens)
        {
            _opening[(file, mapping.Name)] = rejects;
        }

        var opening = mapping.OpenedAs is { } opener ? _opening.GetValueOrDefault((file, opener)) : null;
        await using var run = new PushRun(mapper, part, rejects)
        {
            PushId = Guid.NewGuid().ToString("N"),
            Purpose = PushPurpose,
            IsLaterPart = part > 0,
            IsUnopened = row => opening?.Has(row) is true,
            OnResult = opens ? Remember : _ => { },
        };
        var watch = Stopwatch.StartNew();
        await PhaseAsync(mapping.Name, () => ProgressDisplay.RunAsync(
            output, $"{mapping.Name} ({Path.GetFileName(file)})", new FileInfo(file).Length, progress => run.RunAsync(file, statistics, Client, progress, cancellationToken)));
        Figures.PushSeconds += watch.Elapsed.TotalSeconds;
        Figures.Sent += run.Sent;
        foreach (var (department, sent) in run.SentBy)
        {
            SentBy[(mapping.Name, department)] = SentBy.GetValueOrDefault((mapping.Name, department)) + sent;
        }

        if (opens)
        {
            Figures.Accepted += run.Receipts(RecordOutcome.Accepted);
            Figures.Unchanged += run.Receipts(RecordOutcome.Unchanged);
        }

        if (rejects.Rows > 0)
        {
            RejectFiles.Add(rejects.Path);
        }

        foreach (var (reason, rows) in rejects.ByReason)
        {
            // A row whose record was opened is a record, whatever happened to its later parts: those are told as a warning.
            Count(opens ? _rejected : Figures.Mapping.Warnings, opens ? reason : $"{Word(mapping.Name)}_REJECTED", rows);
        }
    }

    private static void Count(Dictionary<string, long> counts, string reason, long rows) => counts[reason] = counts.GetValueOrDefault(reason) + rows;

    private static string Word(string part) => new([.. part.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);

    private ExchangeClient Client(string department) => clients[department];

    private void Remember(RecordResult result)
    {
        if (result.RecordId.Length > 0 && result.Outcome is not RecordOutcome.Rejected)
        {
            lock (_records)
            {
                var record = UInt128.Parse(result.RecordId.Replace("-", "", StringComparison.Ordinal), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
                _repeated += _records.Add(record) ? 0 : 1;
            }
        }
    }

    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        var (department, purpose) = _followers[0];
        var heads = await clients[department].Feed.GetHeadsAsync(new FollowRequest { Resource = Resource, Purpose = purpose }, cancellationToken);
        var proven = await Task.WhenAll(_following.Select(f => f.CatchUpAsync(heads, cancellationToken)));
        Figures.CoverageProven = proven.All(p => p);
        Figures.Followed = _following[0].Changes;
        Figures.EventsAppended = heads.Sum(h => h.Value - _following[0].Start.GetValueOrDefault(h.Key));
    }

    private async Task PullAsync(CancellationToken cancellationToken)
    {
        var plan = await clients[Puller].Access.GetAccessPlanAsync(Resource, PullPurpose, cancellationToken);
        PermittedFields = [.. plan.Fields.Where(f => f.Rules.Any(r => r.Allow)).Select(f => f.Field)];
        var watch = Stopwatch.StartNew();
        await using var stream = await clients[Puller].Records.PullAsync(new PullRequest { Resource = Resource, Purpose = PullPurpose }, cancellationToken);
        PulledColumns = stream.Columns;
        var title = PulledColumns.ToList().FindIndex(c => c.Field == TitleScan.Field);
        await foreach (var batch in stream.WithCancellation(cancellationToken))
        {
            Samples.AddRange(batch.Rows.Take(3 - Samples.Count));
            Scan.Look(batch, title);
        }

        Figures.Pulled = stream.Rows;
        Figures.PullSeconds = watch.Elapsed.TotalSeconds;
    }

    /// <summary>Asks the hub for the term that a scan of the pulled titles counted; both must find the same.</summary>
    private async Task SearchAsync(CancellationToken cancellationToken)
    {
        var request = new PullRequest { Resource = Resource, Purpose = PullPurpose, Filter = $"{TitleScan.Field}:\"{Scan.Term}\"", Fields = { TitleScan.Field } };
        await using var stream = await clients[Puller].Records.PullAsync(request, cancellationToken);
        await foreach (var batch in stream.WithCancellation(cancellationToken))
        {
            Scan.Found += batch.Rows.Count;
        }

        output.Note($"`{Scan.Term}`: the search finds {Scan.Found} records, a scan of all titles {Scan.Counted}");
    }
}
