using Exchange.Protos.V1;
using Exchange.Server.Audit;
using Exchange.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Exchange.Server.Tests.Audit;

public sealed class ExportedHeadTests : IAsyncLifetime
{
    // Whoever owns the database takes the last governance event away and makes the head fit again: the chain alone looks whole.
    private const string CutTail = """
        DELETE FROM log.event WHERE partition = 1000 AND position = (SELECT head FROM log.log_partition WHERE partition = 1000);
        UPDATE log.log_partition AS p SET head = e.position, head_hash = e.hash
        FROM log.event AS e
        WHERE p.partition = 1000 AND e.partition = 1000 AND e.position = p.head - 1;
        """;

    private TestHub hub = null!;

    public async ValueTask InitializeAsync()
    {
        hub = await TestHub.StartAsync("exported_heads");
        await hub.RegisterDepartmentAsync("roads");
        await hub.Services.GetServices<IHostedService>().OfType<HeadExporter>().Single().ExportAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();

    [Fact]
    public async Task An_untouched_log_agrees_with_its_exported_heads()
    {
        var verified = await VerifyAsync();

        Assert.All(verified.Partitions, partition => Assert.True(partition.Intact));
        Assert.True(verified.ExportedHeads > 0);
        Assert.Equal(0, verified.UnsignedHeads);
    }

    [Fact]
    public async Task A_cut_tail_shows_against_the_exported_heads_and_only_against_them()
    {
        await ExecuteAsync(CutTail);

        var found = Governance(await VerifyAsync());
        Directory.Delete(Folder, recursive: true);
        var unseen = Governance(await VerifyAsync());

        Assert.False(found.Intact);
        Assert.Equal(found.Events + 1, found.FirstBadPosition);
        Assert.True(unseen.Intact);
    }

    [Fact]
    public async Task A_line_that_the_hub_did_not_sign_is_not_believed()
    {
        var file = Assert.Single(Directory.GetFiles(Folder));
        var line = (await File.ReadAllLinesAsync(file))[^1];
        var parts = line.Split('.');
        await File.WriteAllTextAsync(file, $"{parts[0]}.{parts[1]}.{new string('A', 86)}\n");

        var verified = await VerifyAsync();

        Assert.Equal(0, verified.ExportedHeads);
        Assert.Equal(1, verified.UnsignedHeads);
    }

    private string Folder => Path.Combine(hub.Options.DataDirectory, "heads");

    private static PartitionVerification Governance(VerifyLogResponse response) => response.Partitions.Single(partition => partition.Partition is 1000);

    private async Task<VerifyLogResponse> VerifyAsync() => await new Protos.V1.AuditService.AuditServiceClient(hub.Operator.Invoker).VerifyLogAsync(new VerifyLogRequest());

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(hub.Services.GetRequiredService<HubDatabase>().ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
