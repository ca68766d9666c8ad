using Exchange.Clients;
using Exchange.Clients.Export;
using Exchange.Protos.V1;
using Google.Protobuf.WellKnownTypes;

namespace Exchange.Cli.Demo;

/// <summary>Shows what the hub does not let happen, and what a grant changes. Leaves no event of a record behind.</summary>
internal sealed class DemoRefusals(DemoRun run, DemoClients clients)
{
    private const string Place = "location";

    /// <summary>What was tried, what came of it, and why.</summary>
    public List<(string Tried, string Outcome, string Why)> Lines { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (run.Samples.Count == 0)
        {
            return;
        }

        var record = ValueText.RecordId(run.Samples[0].RecordId);
        await WriteAsync($"{DemoRun.Places} writes `status`, which the handling department owns", DemoRun.Places, record, "status", new Protos.V1.Value { Code = "CONCLUDED" }, cancellationToken);
        await WriteAsync("follow-up-centre writes `satisfaction` with a code that no list has", "follow-up-centre", record, "satisfaction", new Protos.V1.Value { Code = "DELIGHTED" }, cancellationToken);
        await WriteAsync("follow-up-centre writes `followed_up_at` as text", "follow-up-centre", record, "followed_up_at", new Protos.V1.Value { Text = "tomorrow" }, cancellationToken);
        await ReadAsync($"{DemoRun.Puller} reads `{Place}` without a grant", [Place], "", cancellationToken);
        await ReadAsync($"{DemoRun.Puller} reads the supervision office's note, which is never shared", ["supervise_note"], "", cancellationToken);
        await ReadAsync($"{DemoRun.Puller} searches citizens by telephone, which it may not read", [], "appellant_phone = \"000-0000-0000\"", cancellationToken);
        await ReadAsync($"{DemoRun.Puller} reads without saying why", [], "", cancellationToken, Purpose.Unspecified);
        await GrantAsync(cancellationToken);
    }

    private async Task GrantAsync(CancellationToken cancellationToken)
    {
        var steward = await clients.StewardAsync($"departments/{DemoRun.Places}", cancellationToken);
        var agreement = await steward.Access.PublishAgreementAsync(
            new Agreement
            {
                Name = $"departments/{DemoRun.Places}/agreements/reading",
                Title = "Agreement on reading complaint data",
                Text = "The reader uses the data for its purpose alone, hands nothing on, and deletes what it has read when the grant ends.",
                Terms =
                {
                    new AgreementTerm { Kind = TermKind.Obligation, Party = TermParty.Reader, Duty = TermDuty.NoOnwardSharing },
                    new AgreementTerm { Kind = TermKind.Obligation, Party = TermParty.Reader, Duty = TermDuty.Delete, WithinDays = 20 },
                },
            },
            cancellationToken);
        var grant = await steward.Access.CreateGrantAsync(
            $"departments/{DemoRun.Places}",
            new Grant
            {
                Reader = $"departments/{DemoRun.Puller}",
                Resource = run.Resource,
                Fields = { Place },
                Purposes = { DemoRun.PullPurpose },
                Agreement = agreement.Name,
                ExpireTime = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow.AddHours(1)),
            },
            Guid.NewGuid(),
            cancellationToken);
        await ReadAsync($"{DemoRun.Places} offers `{Place}` for an hour; {DemoRun.Puller} reads before it accepted the agreement", [Place], "", cancellationToken);
        var reader = await clients.StewardAsync($"departments/{DemoRun.Puller}", cancellationToken);
        await reader.Access.AcceptGrantAsync(grant.Name, agreement.Version, cancellationToken);
        await ReadAsync($"{DemoRun.Puller} accepted, and reads `{Place}` through its mask", [Place], "", cancellationToken);
        await steward.Access.RevokeGrantAsync(grant.Name, "the demo is over", cancellationToken);
        await ReadAsync("the grant is revoked; the same read again", [Place], "", cancellationToken);
    }

    private async Task WriteAsync(string tried, string department, string record, string field, Protos.V1.Value value, CancellationToken cancellationToken)
    {
        var owner = await clients[department].Departments.GetAsync($"departments/{department}", cancellationToken);
        var header = new PushHeader
        {
            Resource = run.Resource,
            SourceSystem = owner.SourceSystems[0],
            PushId = $"show-{Guid.NewGuid():N}",
            Fields = { field },
            Purpose = DemoRun.PushPurpose,
        };
        var batch = new PushedBatch { Sequence = 1, Records = { new PushedRecord { RecordId = record, Values = { value } } } };
        try
        {
            var result = (await clients[department].Records.PushBatchAsync(header, batch, cancellationToken)).Results[0];
            var error = result.Errors.FirstOrDefault();
            Lines.Add((tried, error?.Reason ?? result.Outcome.ToString().ToUpperInvariant(), error?.Message ?? ""));
        }
        catch (ExchangeException e)
        {
            Lines.Add((tried, e.Reason, e.Message));
        }
    }

    private static string Masks(IEnumerable<Column> columns) => columns.SelectMany(c => c.Masks).FirstOrDefault() switch
    {
        { Kind: MaskKind.TruncateGeo } mask => $", moved to a grid of {mask.Parameter} m",
        { } mask => $", behind the mask {mask.Kind}",
        null => "",
    };

    private async Task ReadAsync(string tried, string[] fields, string filter, CancellationToken cancellationToken, Purpose purpose = DemoRun.PullPurpose)
    {
        try
        {
            var request = new PullRequest { Resource = run.Resource, Fields = { fields }, Filter = filter, Purpose = purpose, Limit = 100 };
            await using var stream = await clients[DemoRun.Puller].Records.PullAsync(request, cancellationToken);
            string? seen = null;
            await foreach (var batch in stream.WithCancellation(cancellationToken))
            {
                seen ??= batch.Rows.SelectMany(r => r.Values).Select(ValueText.Of).FirstOrDefault(v => v is not null);
            }

            Lines.Add((tried, "READ", seen is null ? $"{stream.Rows} records" : $"{stream.Rows} records, e.g. {seen}{Masks(stream.Columns)}"));
        }
        catch (ExchangeException e)
        {
            Lines.Add((tried, e.Violations.Count > 0 ? e.Violations[0].Reason : e.Reason, e.NextStep ?? (e.Violations.Count > 0 ? e.Violations[0].Message : e.Message)));
        }
    }
}
