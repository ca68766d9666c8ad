using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Exchange.Catalog.Search;
using Exchange.EventStore;
using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Grpc;
using Exchange.Server.Records.Events;
using Exchange.Server.Records.Subjects;
using Npgsql;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>
/// Reads the pages of one pull, each in a short transaction of its own, and cuts them into batches. A page is never open while somebody waits: its
/// size follows the size of the rows. What was opened after the pull began is left to the feed: a pull ends, however much is pushed meanwhile.
/// </summary>
/// <param name="database">The hub's database.</param>
/// <param name="partitions">Which partition a record is in.</param>
/// <param name="shape">What is selected.</param>
/// <param name="heads">The partitions' last positions when the pull began; a partition that is not there had none.</param>
/// <param name="numbers">Numbers of departments.</param>
internal sealed class PullPages(
    NpgsqlDataSource database, PartitionMap partitions, PullShape shape, IReadOnlyDictionary<int, long> heads, OwnerNumbers numbers)
{
    private const int FirstPageRows = 500;
    private const int FewestPageRows = 4;

    // Between two pages the database waits for the hub. Half as large a page: 0.46 instead of 0.51 of COPY TO; twice as large: no more (bench pull).
    private const int MostPageRows = 8_000;
    private const int PageBytes = 4 * 1024 * 1024;

    // With the token and the frame a batch stays below 256 KiB, unless a single row is longer.
    private const int BatchBytes = 248 * 1024;

    private readonly PullRoute route = new(shape, partitions.Records);
    private readonly RowEncoder encoder = new(shape);
    private readonly OwnerReader owners = new(shape, numbers);
    private readonly SubjectRow row = new(shape.Width);
    private readonly TextMatch match = SearchTokens.CreateMatcher();
    private readonly ConcurrentBag<WireBuffer> buffers = [];
    private int pageRows = FirstPageRows;

    /// <summary>
    /// Said before a page: of the ways to read it, which one is wrong however the statistics stand. Proposed rows are few, and then sorted; the index
    /// of the order would give all of them. A walk, as a sample, takes its next rows from an index in order; to sort what is left of the partition would
    /// read it once a page.
    /// </summary>
    public static IReadOnlyList<string> SettingsOf(PullWay way) => way switch
    {
        PullWay.Index => ["SET LOCAL enable_indexscan = off", "SET LOCAL enable_seqscan = off"],
        PullWay.Walk or PullWay.Look => ["SET LOCAL enable_bitmapscan = off", "SET LOCAL enable_seqscan = off", "SET LOCAL enable_sort = off"],
        _ => [],
    };

    /// <summary>
    /// Reads the page after a position and gives its batches away, each with at least one row but the last. Returns where the next page goes on, null
    /// when this was the last one.
    /// </summary>
    /// <param name="after">The last row seen.</param>
    /// <param name="mostRows">Rows wanted at most.</param>
    /// <param name="batchRows">Rows that a batch may have at most.</param>
    /// <param name="give">Takes a batch; its buffer comes back with <see cref="Return"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<PullPosition?> ReadAsync(PullPosition after, long mostRows, long batchRows, Action<PullBatch> give, CancellationToken cancellationToken)
    {
        // Of rows that are checked again it cannot be told how many are needed.
        var wanted = (int)Math.Min(pageRows, mostRows);
        var asked = shape.MustCheck ? pageRows : wanted;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (route.Way is PullWay.Look)
        {
            await LookAsync(connection, after.Partition, wanted, cancellationToken);
        }

        await using var command = Command(connection, PullStatement.Of(shape, route, heads, after, asked));
        var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new Page(this, batchRows, give, after);
        var isFull = false;
        try
        {
            while (!isFull && await reader.ReadAsync(cancellationToken))
            {
                row.Load(reader);
                page.Saw(PositionOf(after));
                if (!shape.MustCheck || ConditionEvaluator.Holds(shape.View.Filter, new CheckedRow(shape, row), match))
                {
                    page.Add();
                    isFull = page.Rows >= mostRows || page.Bytes > 2 * PageBytes;
                }
            }
        }
        finally
        {
            await CloseAsync(command, reader, isCut: isFull && page.Bytes > 2 * PageBytes && page.Seen < asked);
        }

        page.Flush();
        Adapt(page);
        return route.After(after, page.Last, page.Seen, wanted, isFull || page.Seen == asked);
    }

    /// <summary>Gives back a batch's buffer.</summary>
    public void Return(WireBuffer buffer)
    {
        if (buffer.Capacity <= 2 * BatchBytes)
        {
            buffers.Add(buffer);
        }
    }

    // A reader is read to its end before it is closed: of a page that was cut, that may be thousands of rows larger than those it was measured by.
    private static async Task CloseAsync(NpgsqlBatch command, NpgsqlDataReader reader, bool isCut)
    {
        if (!isCut)
        {
            await reader.DisposeAsync();
            return;
        }

        command.Cancel();
        try
        {
            await reader.DisposeAsync();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.QueryCanceled)
        {
            // What was asked for.
        }
    }

    // A walk stays in its partition, and in the reader's order a place is not one in a partition.
    private PullPosition PositionOf(in PullPosition after)
    {
        var opened = row.Int64(PullShape.Opened);
        return shape.View.Order is { } order
            ? new PullPosition(after.Partition, opened, row.Uuid(PullShape.RecordId), row.Value(PullShape.OrderValue, order.Attribute.Type))
            : after with { Partition = route.Way is PullWay.Index ? partitions.ForRecord(row.Uuid(PullShape.RecordId)) : after.Partition, Opened = opened };
    }

    private async Task LookAsync(NpgsqlConnection connection, int partition, int wanted, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, PullStatement.Sample(shape, partition, PullRoute.LookRows));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        route.Decide(reader.GetInt64(0), reader.GetInt64(1), wanted);
    }

    private NpgsqlBatch Command(NpgsqlConnection connection, SubjectSql sql)
    {
        var batch = new NpgsqlBatch(connection);
        var settings = SettingsOf(route.Way);
        if (settings.Count is 0)
        {
            batch.BatchCommands.Add(sql.ToBatchCommand());
            return batch;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        foreach (var setting in settings)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(setting));
        }

        batch.BatchCommands.Add(sql.ToBatchCommand());
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        return batch;
    }

    // So many rows that the next page has about the wanted size.
    private void Adapt(Page page)
    {
        if (page.Rows > 0)
        {
            var fitting = PageBytes / Math.Max(1, page.Bytes / page.Rows);
            pageRows = Math.Clamp((int)Math.Min(fitting, pageRows * 4L), FewestPageRows, MostPageRows);
        }
    }

    private WireBuffer Rent()
    {
        if (!buffers.TryTake(out var buffer))
        {
            return new WireBuffer(BatchBytes + (16 * 1024));
        }

        buffer.Clear();
        return buffer;
    }

    private sealed class Page(PullPages pages, long batchRows, Action<PullBatch> give, PullPosition after)
    {
        private WireBuffer? buffer;
        private int frame;
        private int rows;
        private Dictionary<OwnerSet, int> owners = [];
        private PullPosition added = after;

        public PullPosition Last { get; private set; } = after;

        public int Seen { get; private set; }

        public int Rows { get; private set; }

        public int Bytes { get; private set; }

        public void Saw(in PullPosition last)
        {
            Last = last;
            Seen++;
        }

        public void Add()
        {
            Begin();
            var before = buffer.Length;
            pages.encoder.Write(pages.row, buffer);
            var bytes = buffer.Length - before;
            if (bytes > RowLimit.LargestBytes)
            {
                throw RowLimit.TooLarge("a record", "ask for fewer fields").ToException();
            }

            if (rows > 0 && (buffer.Length > BatchBytes || rows >= batchRows))
            {
                MoveToNext(before);
            }

            rows++;
            Rows++;
            Bytes += bytes;
            if (pages.owners.IsAsked)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(owners, pages.owners.Of(pages.row), out _)++;
            }

            added = Last;
        }

        public void Flush()
        {
            if (buffer is not null)
            {
                give(new PullBatch(buffer, frame, rows, Last, owners));
                (buffer, rows, owners) = (null, 0, []);
            }
        }

        // The last row does not fit: the batch goes without it. It goes on after the row added before. INVARIANT: nothing of a buffer is read once
        // it is given away; whoever sends it writes its page token where the row stood.
        private void MoveToNext(int start)
        {
            var (full, fullFrame, fullRows, fullOwners) = (buffer!, frame, rows, owners);
            (buffer, rows, owners) = (null, 0, []);
            Begin();
            buffer.Raw(full.Written[start..]);
            full.Truncate(start);
            give(new PullBatch(full, fullFrame, fullRows, added, fullOwners));
        }

        [MemberNotNull(nameof(buffer))]
        private void Begin()
        {
            if (buffer is null)
            {
                buffer = pages.Rent();
                frame = buffer.BeginMessage(Protos.V1.PullResponse.BatchFieldNumber);
            }
        }
    }
}
