using Exchange.Catalog;
using Exchange.Catalog.Access;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Access;
using Exchange.Server.Hosting;
using Exchange.Server.Records.Reading;
using Exchange.Server.Records.Subjects;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Exchange.Server.Tests.Records.Push.Pushed;
using Purpose = Exchange.Protos.V1.Purpose;

namespace Exchange.Server.Tests.Records.Reading;

/// <summary>What is wrong with a table, or with one of its rows, is told to those who want it and to nobody else.</summary>
public sealed class TroubledRowsTests(CityHub city) : IClassFixture<CityHub>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_locked_table_keeps_nobody_waiting_for_another_and_its_own_readers_not_for_ever()
    {
        var locked = new ResourceDefinition(new ResourceId("locked"), 1, City.Fields[..2]) { Department = City.Centre.Department };
        await city.Hub.Services.GetRequiredService<SubjectTables>().EnsureAsync(locked, CancellationToken.None);
        await city.HappenAsync(new GovernanceEvent.ResourcePublished(locked));
        var header = city.Header(City.Centre, "title");
        header.Resource = "resources/locked";
        var waited = (await city.PushAsync(City.Centre, header, Own("locked", Text("a")))).Results[0].RecordId;
        var free = await OpenAsync("free");
        await using var connection = await city.Database.OpenConnectionAsync();
        await using var holding = await HoldAsync(connection, "locked");
        var reads = new List<Task>();
        for (var lane = 1; lane <= HubDatabase.LookupsPerTable; lane++)
        {
            reads.Add(GetAsync($"resources/locked/records/{waited}"));
            await UntilWaitingAsync("locked", lane);
        }

        reads.Add(GetAsync($"resources/locked/records/{waited}"));

        await GetAsync($"resources/complaint/records/{free}").WaitAsync(Patience);

        Assert.Contains(reads, read => !read.IsCompleted);
        foreach (var read in reads)
        {
            var told = await Assert.ThrowsAsync<RpcException>(() => read.WaitAsync(Patience));
            Assert.Equal((StatusCode.Unavailable, "DATABASE_UNAVAILABLE"), (told.StatusCode, told.Reason()));
        }

        await holding.RollbackAsync();
        await GetAsync($"resources/locked/records/{waited}").WaitAsync(Patience);
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_told_to_its_own_reader()
    {
        var (sound, broken) = (await OpenAsync("sound"), await OpenAsync("broken"));
        await city.ExecuteAsync($"UPDATE subject.complaint SET fee = 'NaN' WHERE record_id = '{broken}'");
        var plan = await city.Hub.Services.GetRequiredService<ReadPlans>().FindAsync(
            City.Centre, City.Complaint, PlanAction.Get, Exchange.Catalog.Purpose.Regulation, CancellationToken.None);
        var view = RecordView.Of(plan.Value, []).Value;
        var records = city.Hub.Services.GetRequiredService<CurrentRecords>();
        await using var connection = await city.Database.OpenConnectionAsync();
        await using var holding = await HoldAsync(connection, "complaint");
        for (var lane = 1; lane <= HubDatabase.LookupsPerTable; lane++)
        {
            _ = FindAsync(sound);
            await UntilWaitingAsync("complaint", lane);
        }

        // These two are asked for together, when a lane is free.
        var (failed, found) = (FindAsync(broken), FindAsync(sound));
        await holding.RollbackAsync();

        Assert.Equal(1, (await found.WaitAsync(Patience))!.Version);
        await Assert.ThrowsAnyAsync<Exception>(() => failed.WaitAsync(Patience));

        Task<RecordFold?> FindAsync(string id) => records.FindAsync(
            new RecordRead(City.Centre, new RecordName(City.Complaint, new RecordId(Guid.Parse(id))), Exchange.Catalog.Purpose.Regulation, view), CancellationToken.None);
    }

    private async Task<string> OpenAsync(string sourceId) =>
        (await city.PushAsync(City.Centre, city.Header(City.Centre, "title"), Own(sourceId, Text("a")))).Results[0].RecordId;

    private Task<Protos.V1.Record> GetAsync(string name) =>
        city.RecordsOf(City.Centre).GetRecordAsync(new GetRecordRequest { Name = name, Purpose = Purpose.Regulation }).ResponseAsync;

    private static async Task<NpgsqlTransaction> HoldAsync(NpgsqlConnection connection, string table)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var hold = new NpgsqlCommand($"LOCK TABLE subject.{table} IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await hold.ExecuteNonQueryAsync();
        return transaction;
    }

    private async Task UntilWaitingAsync(string table, int count)
    {
        for (var deadline = DateTime.UtcNow + Patience; DateTime.UtcNow < deadline;)
        {
            if (await city.ScalarAsync<long>($"SELECT count(*) FROM pg_locks WHERE relation = 'subject.{table}'::regclass AND NOT granted") >= count)
            {
                return;
            }
        }

        Assert.Fail($"nobody waited for {table}");
    }
}
