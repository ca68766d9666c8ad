using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Records;

/// <summary>Records: push, pull, get, history.</summary>
public sealed class RecordsClient
{
    private readonly HubConnection _hub;
    private readonly RecordsService.RecordsServiceClient _service;

    internal RecordsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new RecordsService.RecordsServiceClient(hub.Invoker);
    }

    /// <summary>Begins a push. Dispose the session after <see cref="PushSession{TTag}.CompleteAsync"/>.</summary>
    /// <param name="header">Resource, source system, fields and push id, which names the push for idempotency.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="onReceipt">Called once for each batch when it is durable, one call at a time, with the records in the order of the
    /// results; also for a record that is too large to be sent. What it throws ends the push, and is thrown to whoever adds or completes.</param>
    /// <typeparam name="TTag">What the caller keeps with each record, e.g. the row of a file.</typeparam>
    public PushSession<TTag> OpenPush<TTag>(PushHeader header, PushOptions options, Func<IReadOnlyList<PushedItem<TTag>>, PushReceipt, ValueTask> onReceipt) =>
        new(_hub, header, options, onReceipt);

    /// <summary>Pushes one batch; the unary form. Safe to repeat: the push id and the sequence name it.</summary>
    public Task<PushReceipt> PushBatchAsync(PushHeader header, PushedBatch batch, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.PushBatchAsync, new PushBatchRequest { Header = header, Batch = batch }, true, cancellationToken);

    /// <summary>Begins a pull and waits for its columns and checkpoint. Enumerate the stream once.</summary>
    public async Task<PullStream> PullAsync(PullRequest request, CancellationToken cancellationToken)
    {
        var stream = new PullStream(_hub, request);
        try
        {
            await stream.StartAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>One record, now or as of a position or time.</summary>
    public Task<Record> GetAsync(GetRecordRequest request, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetRecordAsync, request, true, cancellationToken);

    /// <summary>Who wrote which field of a record (`resources/{resource}/records/{record}`), newest first.</summary>
    public IAsyncEnumerable<HistoryEntry> GetHistoryAsync(string name, Purpose purpose, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.GetRecordHistoryAsync, new GetRecordHistoryRequest { Name = name, Purpose = purpose, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Entries,
        page => page.NextPageToken,
        cancellationToken);
}
