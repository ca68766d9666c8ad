using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Department = Exchange.Protos.V1.Department;

namespace Exchange.Server.Departments;

/// <summary>Registers, changes and shows departments.</summary>
internal sealed class DepartmentsService(GovernanceCommands commands, GovernanceStore store) : Protos.V1.DepartmentsService.DepartmentsServiceBase
{
    /// <inheritdoc/>
    public override async Task<Department> CreateDepartment(CreateDepartmentRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var id = new DepartmentId(request.DepartmentId);
        var department = (request.Department ?? new Department()).ToDomain(id);
        var registered = await commands.ExecuteAsync(
            context.Caller,
            GovernanceStreams.Department(id),
            (state, now) => DepartmentRules.Register(state, department, now),
            context.CancellationToken);
        return registered.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Department> UpdateDepartment(UpdateDepartmentRequest request, ServerCallContext context)
    {
        GovernanceRoles.RequireOperator(context.Caller).OrThrow();
        var message = request.Department ?? new Department();
        var id = ResourceNames.Department("department.name", message.Name).OrThrow();
        var department = message.ToDomain(id);
        var updated = await commands.ExecuteAsync(
            context.Caller,
            GovernanceStreams.Department(id),
            (state, _) => DepartmentRules.Update(state, department, message.Etag),
            context.CancellationToken);
        return updated.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Department> GetDepartment(GetDepartmentRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Department("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return Lookup.Department(state, id).OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<ListDepartmentsResponse> ListDepartments(ListDepartmentsRequest request, ServerCallContext context)
    {
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        var (page, next) = Paging.Cut(state.Departments, request.PageSize, request.PageToken).OrThrow();
        return new ListDepartmentsResponse { Departments = { page.Select(department => department.ToProto()) }, NextPageToken = next };
    }
}
