using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Catalog;

public sealed class SharingListsServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    [Fact]
    public async Task A_sheet_is_exported_changed_looked_at_and_imported()
    {
        await hub.PublishAsync(Resource("lent", Field("title", 1), Field("note", 2).With(field => field.DisplayNameZh = "备注")));
        var exported = await ExportAsync("roads", "lent");
        var sheet = exported.Csv.Replace("备注,TEXT,1,无条件共享,", "备注,TEXT,2,有条件共享,\"=cmd|' /C calc'!A0\"", StringComparison.Ordinal);

        var preview = await ImportAsync(hub.RoadSteward, "roads", sheet, validateOnly: true);
        var between = await CatalogOf(hub.RoadSteward).GetSharingListAsync(new() { Name = "departments/roads/sharingLists/lent" });
        var applied = await ImportAsync(hub.RoadSteward, "roads", sheet, etag: preview.Etag);
        var again = await ImportAsync(hub.RoadSteward, "roads", (await ExportAsync("roads", "lent")).Csv);
        var repeated = await ImportAsync(hub.RoadSteward, "roads", sheet, etag: preview.Etag);
        var stale = await TestStatus.RefusalOf(() => ImportAsync(hub.RoadSteward, "roads", exported.Csv, etag: preview.Etag));

        Assert.Equal(2, exported.RowCount);
        Assert.StartsWith("信息资源代码,信息资源标识,", exported.Csv);
        Assert.Equal(["note level 1 2", "note sharing_class UNCONDITIONAL CONDITIONAL", "note condition  =cmd|' /C calc'!A0"], preview.Differences.Select(one => $"{one.Field} {one.Part} {one.Before} {one.After}"));
        Assert.Equal((false, true, 3), (preview.Applied, applied.Applied, applied.DifferenceCount));
        Assert.All(between.Entries, entry => Assert.True(entry.Inherited));
        Assert.Equal((false, 0), (again.Applied, again.DifferenceCount));
        Assert.Equal((false, 0), (repeated.Applied, repeated.DifferenceCount));
        Assert.Equal((StatusCode.Aborted, "STALE_ETAG"), stale);
        var now = await CatalogOf(hub.Hotline).GetSharingListAsync(new() { Name = "departments/roads/sharingLists/lent" });
        Assert.Equal((SharingClass.Conditional, "=cmd|' /C calc'!A0"), (now.Entries[1].SharingClass, now.Entries[1].Condition));
        Assert.Contains(",\"'=cmd|' /C calc'!A0\",", (await ExportAsync("roads", "lent")).Csv.Replace(",'=cmd|' /C calc'!A0,", ",\"'=cmd|' /C calc'!A0\",", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sheet_over_two_resources_is_done_as_a_whole_or_not_at_all()
    {
        await hub.PublishAsync(Resource("whole_a", Field("title", 1)));
        await hub.PublishAsync(Resource("whole_b", Field("title", 1)));
        const string Heading = "resource,field,level,sharing_class,open_class,open_basis_kind,open_basis\r\n";
        const string Good = "whole_a,title,2,CONDITIONAL,NOT_OPEN,LAW,Act 1\r\nwhole_b,title,2,CONDITIONAL,NOT_OPEN,LAW,Act 1\r\n";

        var bad = await Assert.ThrowsAsync<RpcException>(() => ImportAsync(hub.RoadSteward, "roads", Heading + Good + "whole_b,nothing,1,CONDITIONAL,NOT_OPEN,,\r\n"));
        var before = await CatalogOf(hub.Roads).GetSharingListAsync(new() { Name = "departments/roads/sharingLists/whole_a" });
        var applied = await ImportAsync(hub.RoadSteward, "roads", "\uFEFF" + Heading + Good);

        Assert.Equal("line 4: field UNKNOWN_FIELD", bad.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}").Single());
        Assert.True(before.Entries[0].Inherited);
        Assert.True(applied.Applied);
        foreach (var resource in (string[])["whole_a", "whole_b"])
        {
            Assert.Equal(SharingClass.Conditional, (await CatalogOf(hub.Roads).GetSharingListAsync(new() { Name = $"departments/roads/sharingLists/{resource}" })).Entries[0].SharingClass);
        }
    }

    [Fact]
    public async Task Only_the_department_s_own_steward_imports_and_what_is_no_sheet_is_refused()
    {
        foreach (var (client, reason) in new[] { (hub.HotlineSteward, "NOT_OWN_DEPARTMENT"), (hub.It.Operator, "ROLE_REQUIRED"), (hub.Roads, "ROLE_REQUIRED") })
        {
            Assert.Equal((StatusCode.PermissionDenied, reason), await TestStatus.RefusalOf(() => ImportAsync(client, "roads", "")));
        }

        Assert.Equal("csv REQUIRED", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "")));
        Assert.Equal("csv TOO_LARGE", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", new string('x', 3 * 1024 * 1024 + 1))));
        Assert.Equal("csv BROKEN_QUOTING", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "resource,field\r\na,\"b\r\nc,d\r\n")));
        Assert.Equal("csv BROKEN_QUOTING", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "resource,field\r\na,b\r\nc,d\"e")));
        Assert.Equal("line 1 TOO_MANY", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "resource" + string.Concat(Enumerable.Repeat(",x", 64)) + "\r\n")));
        Assert.Equal("csv BROKEN_QUOTING", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "resource,fi\"eld\r\na,b\r\n")));
        Assert.Equal("line 1 UNKNOWN_COLUMN", await TestStatus.ViolationOf(() => ImportAsync(hub.RoadSteward, "roads", "resource,field,level,sharing_class,open_class,colour\r\n")));
        Assert.Equal((StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"), await TestStatus.RefusalOf(() => ExportAsync("nobody", "")));
    }

    private async Task<ExportSharingListsResponse> ExportAsync(string department, string resource) => await new SharingListsService.SharingListsServiceClient(hub.Roads.Invoker)
        .ExportSharingListsAsync(new() { Parent = $"departments/{department}", Resource = resource.Length > 0 ? $"resources/{resource}" : "" });

    private static async Task<ImportSharingListsResponse> ImportAsync(TestClient client, string department, string csv, bool validateOnly = false, string etag = "") =>
        await new SharingListsService.SharingListsServiceClient(client.Invoker)
            .ImportSharingListsAsync(new() { Parent = $"departments/{department}", Csv = csv, ValidateOnly = validateOnly, Etag = etag });
}
