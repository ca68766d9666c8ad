using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Google.Rpc;
using Grpc.Core;
using static Exchange.Server.Tests.Governance.GovernanceHub;

namespace Exchange.Server.Tests.Departments;

public sealed class DepartmentsServiceTests(GovernanceHub hub) : IClassFixture<GovernanceHub>
{
    [Fact]
    public async Task A_registered_department_can_be_read_by_every_department()
    {
        await DepartmentsOf(hub.It.Operator).CreateDepartmentAsync(new CreateDepartmentRequest
        {
            DepartmentId = "water",
            Department = new Department
            {
                DisplayName = "Water", DisplayNameZh = "水务局", Level = AdministrativeLevel.District, Parent = "departments/hotline", SourceSystems = { "water-desk" },
            },
        });

        var read = await DepartmentsOf(hub.Roads).GetDepartmentAsync(new GetDepartmentRequest { Name = "departments/water" });

        Assert.Equal(("departments/water", "水务局", AdministrativeLevel.District, "departments/hotline"), (read.Name, read.DisplayNameZh, read.Level, read.Parent));
        Assert.Equal(["water-desk"], read.SourceSystems);
        Assert.NotNull(read.CreateTime);
    }

    [Fact]
    public async Task Names_and_attributes_of_a_department_are_replaced_and_the_same_again_changes_nothing()
    {
        var operators = DepartmentsOf(hub.It.Operator);
        var created = await operators.CreateDepartmentAsync(new CreateDepartmentRequest
        {
            DepartmentId = "parks",
            Department = new Department { DisplayName = "Parks", Level = AdministrativeLevel.City, SourceSystems = { "park-desk" }, Attributes = { ["district"] = "east" } },
        });
        var changed = created.Clone();
        (changed.DisplayNameZh, changed.Attributes["district"], changed.Attributes["zone"]) = ("园林局", "西城区", "2");

        var updated = await operators.UpdateDepartmentAsync(new UpdateDepartmentRequest { Department = changed });
        var again = await operators.UpdateDepartmentAsync(new UpdateDepartmentRequest { Department = changed });
        var read = await DepartmentsOf(hub.Roads).GetDepartmentAsync(new GetDepartmentRequest { Name = "departments/parks" });

        Assert.NotEqual(created.Etag, updated.Etag);
        changed.Etag = updated.Etag;
        Assert.Equal(changed, updated);
        Assert.Equal(updated, again);
        Assert.Equal(updated, read);
        changed.Attributes.Clear();
        changed.Etag = created.Etag;
        Assert.Equal((StatusCode.Aborted, "STALE_ETAG"), await TestStatus.RefusalOf(async () => await operators.UpdateDepartmentAsync(new UpdateDepartmentRequest { Department = changed })));
        changed.Etag = "";
        Assert.Empty((await operators.UpdateDepartmentAsync(new UpdateDepartmentRequest { Department = changed })).Attributes);
    }

    [Fact]
    public async Task A_change_of_a_department_is_refused_with_every_bad_part_to_all_but_the_operator_and_where_there_is_none()
    {
        static Task UpdateAsync(TestClient by, Department department) => DepartmentsOf(by).UpdateDepartmentAsync(new UpdateDepartmentRequest { Department = department }).ResponseAsync;
        var bad = new Department { Name = "departments/roads", Level = AdministrativeLevel.Grid, Attributes = { ["level"] = "", ["District"] = "east" } };

        var exception = await Assert.ThrowsAsync<RpcException>(() => UpdateAsync(hub.It.Operator, bad));

        Assert.Equal(
            [
                "department.display_name INVALID_TEXT", "department.attributes[District] INVALID_ID", "department.attributes[level] RESERVED",
                "department.attributes[level] INVALID_TEXT", "department.level IMMUTABLE",
            ],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => $"{violation.Field} {violation.Reason}"));
        Assert.Equal((StatusCode.PermissionDenied, "ROLE_REQUIRED"), await TestStatus.RefusalOf(() => UpdateAsync(hub.RoadSteward, bad)));
        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), await TestStatus.RefusalOf(() => UpdateAsync(hub.It.Operator, new Department { Name = "roads" })));
        Assert.Equal(
            (StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"),
            await TestStatus.RefusalOf(() => UpdateAsync(hub.It.Operator, new Department { Name = "departments/nobody", DisplayName = "Nobody" })));
    }

    [Fact]
    public async Task Only_the_operator_registers_departments() =>
        Assert.Equal(
            (StatusCode.PermissionDenied, "ROLE_REQUIRED"),
            await TestStatus.RefusalOf(async () => await DepartmentsOf(hub.HotlineSteward).CreateDepartmentAsync(new CreateDepartmentRequest { DepartmentId = "tax" })));

    [Fact]
    public async Task Every_bad_part_comes_in_one_answer()
    {
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await DepartmentsOf(hub.It.Operator).CreateDepartmentAsync(
            new CreateDepartmentRequest { DepartmentId = "X", Department = new Department { Parent = "hotline", SourceSystems = { "A" } } }));

        Assert.Equal((StatusCode.InvalidArgument, "BAD_REQUEST"), (exception.StatusCode, exception.Reason()));
        Assert.Equal(
            ["department_id", "department.display_name", "department.level", "department.parent", "department.source_systems[0]"],
            exception.Detail<BadRequest>()!.FieldViolations.Select(violation => violation.Field));
    }

    [Fact]
    public async Task Ids_and_source_systems_are_taken_once()
    {
        var departments = DepartmentsOf(hub.It.Operator);
        Task Create(string id, string system) => departments.CreateDepartmentAsync(new CreateDepartmentRequest
        {
            DepartmentId = id, Department = new Department { DisplayName = id, Level = AdministrativeLevel.City, SourceSystems = { system } },
        }).ResponseAsync;

        Assert.Equal((StatusCode.AlreadyExists, "DEPARTMENT_EXISTS"), await TestStatus.RefusalOf(() => Create("roads", "other")));
        Assert.Equal((StatusCode.AlreadyExists, "SOURCE_SYSTEM_TAKEN"), await TestStatus.RefusalOf(() => Create("gardens", "roads")));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_a_malformed_name_is_a_bad_request()
    {
        var departments = DepartmentsOf(hub.Hotline);

        Assert.Equal(
            (StatusCode.NotFound, "DEPARTMENT_NOT_FOUND"),
            await TestStatus.RefusalOf(async () => await departments.GetDepartmentAsync(new GetDepartmentRequest { Name = "departments/nobody" })));
        Assert.Equal(
            (StatusCode.InvalidArgument, "BAD_REQUEST"),
            await TestStatus.RefusalOf(async () => await departments.GetDepartmentAsync(new GetDepartmentRequest { Name = "nobody" })));
    }

    [Fact]
    public async Task Pages_go_through_all_departments_in_the_order_of_their_names()
    {
        var departments = DepartmentsOf(hub.Hotline);
        List<string> names = [];
        var token = "";
        do
        {
            var page = await departments.ListDepartmentsAsync(new ListDepartmentsRequest { PageSize = 2, PageToken = token });
            names.AddRange(page.Departments.Select(department => department.Name));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Superset(new HashSet<string> { "departments/hotline", "departments/hub-operator", "departments/roads" }, names.ToHashSet());
    }
}
