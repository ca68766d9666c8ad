using Exchange.Clients;
using Exchange.Clients.Files;
using Exchange.Clients.Mapping;
using Exchange.Clients.Records;
using Exchange.Protos.V1;

namespace Exchange.Cli.Records;

/// <summary>Pushes one part of a mapped file: each row's record by the department that the mapping names for it.</summary>
internal sealed class PushRun : IAsyncDisposable
{
    private const string Rejected = "REJECTED";

    private readonly RowMapper _mapper;
    private readonly int _part;
    private readonly RejectFile _rejects;
    private readonly Dictionary<(string Department, string System), PushSession<Place>?> _sessions = [];
    private readonly Lock _lock = new();
    private readonly Dictionary<RecordOutcome, long> _outcomes = [];

    public PushRun(RowMapper mapper, int part, RejectFile rejects)
    {
        _mapper = mapper;
        _part = part;
        _rejects = rejects;
    }

    /// <summary>Names the push for idempotency; each source system's push has its name behind it.</summary>
    public required string PushId { get; init; }

    /// <summary>Sizes.</summary>
    public PushOptions Options { get; init; } = new();

    /// <summary>Why the records are sent; kept with their events.</summary>
    public Purpose Purpose { get; init; }

    /// <summary>What to do with values of fields the department does not own.</summary>
    public UnownedFields UnownedFields { get; init; } = UnownedFields.Reject;

    /// <summary>True: only this run's rejects of the hub go to the reject file, not those of the mapping (another part's run has told them).</summary>
    public bool IsLaterPart { get; init; }

    /// <summary>True for a row whose record could not be opened, so that nothing is added to it.</summary>
    public Func<long, bool> IsUnopened { get; init; } = _ => false;

    /// <summary>Records sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Rows whose record another department pushes.</summary>
    public long OfOthers { get; private set; }

    /// <summary>Called with every record's result; from several threads.</summary>
    public Action<RecordResult> OnResult { get; init; } = _ => { };

    /// <summary>Records sent by department.</summary>
    public Dictionary<string, long> SentBy { get; } = new(StringComparer.Ordinal);

    /// <summary>Receipts by outcome.</summary>
    public long Receipts(RecordOutcome outcome)
    {
        lock (_lock)
        {
            return _outcomes.GetValueOrDefault(outcome);
        }
    }

    /// <summary>Reads the file and pushes it; returns when the last receipt is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="statistics">Counts of the mapping.</param>
    /// <param name="clientOf">Client of a department; null leaves its rows out.</param>
    /// <param name="progress">Told the bytes and the rows read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(string path, MappingStatistics statistics, Func<string, ExchangeClient?> clientOf, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        await foreach (var row in _mapper.ReadAsync(path, statistics, read => bytes = read, cancellationToken))
        {
            progress(bytes, row.Row);
            if (row.Problems.Count > 0)
            {
                if (!IsLaterPart)
                {
                    await _rejects.AddAsync(row.Row, row.Line, row.Problems, cancellationToken);
                }

                continue;
            }

            if (row.Parts[_part] is not { } record || IsUnopened(row.Row))
            {
                continue;
            }

            if (SessionOf(record, clientOf) is { } session)
            {
                await session.AddAsync(record.Record, new Place(row.Row, row.Line), cancellationToken);
                Sent++;
                SentBy[record.Department] = SentBy.GetValueOrDefault(record.Department) + 1;
            }
            else
            {
                OfOthers++;
            }
        }

        foreach (var session in _sessions.Values.OfType<PushSession<Place>>())
        {
            await session.FlushAsync(cancellationToken);
        }

        foreach (var session in _sessions.Values.OfType<PushSession<Place>>())
        {
            await session.CompleteAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values.OfType<PushSession<Place>>())
        {
            await session.DisposeAsync();
        }
    }

    private PushSession<Place>? SessionOf(MappedRecord record, Func<string, ExchangeClient?> clientOf)
    {
        var key = (record.Department, record.SourceSystem);
        if (!_sessions.TryGetValue(key, out var session))
        {
            var header = new PushHeader
            {
                Resource = _mapper.Resource,
                SourceSystem = record.SourceSystem,
                PushId = $"{PushId}/{record.SourceSystem}",
                UnownedFields = UnownedFields,
                Purpose = Purpose,
                Fields = { _mapper.FieldsOf(_part) },
            };
            session = clientOf(record.Department)?.Records.OpenPush<Place>(header, Options, OnReceiptAsync);
            _sessions.Add(key, session);
        }

        return session;
    }

    private async ValueTask OnReceiptAsync(IReadOnlyList<PushedItem<Place>> items, PushReceipt receipt)
    {
        lock (_lock)
        {
            foreach (var result in receipt.Results)
            {
                _outcomes[result.Outcome] = _outcomes.GetValueOrDefault(result.Outcome) + 1;
            }
        }

        for (var i = 0; i < items.Count; i++)
        {
            OnResult(receipt.Results[i]);
            if (receipt.Results[i] is { Outcome: RecordOutcome.Rejected } rejected)
            {
                await _rejects.AddAsync(items[i].Tag.Row, items[i].Tag.Line, Problems(rejected), CancellationToken.None);
            }
        }
    }

    /// <summary>What the hub found, told in the file's own columns; the message names the field.</summary>
    private RowProblem[] Problems(RecordResult rejected)
    {
        var told = rejected.Errors.Select(e => new RowProblem(
            _mapper.ColumnOf(_part, e.Field),
            e.Reason.Length > 0 ? e.Reason : Rejected,
            (e.Field.Length > 0 ? $"`{e.Field}`: " : "") + (e.Message.Length > 0 ? e.Message : "refused by the hub")));
        return [.. told.DefaultIfEmpty(new RowProblem("", Rejected, "the hub did not take the record and gave no reason; ask its operator"))];
    }

    private readonly record struct Place(long Row, long Line);
}
