using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Departments;

/// <summary>Departments of a hub.</summary>
public sealed class DepartmentsClient
{
    private readonly HubConnection _hub;
    private readonly DepartmentsService.DepartmentsServiceClient _service;

    internal DepartmentsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new DepartmentsService.DepartmentsServiceClient(hub.Invoker);
    }

    /// <summary>Registers a department; its name gives the id. Not tried again: a lost answer may have registered it.</summary>
    public Task<Department> CreateAsync(Department department, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.CreateDepartmentAsync, new CreateDepartmentRequest { DepartmentId = department.Name["departments/".Length..], Department = department }, false, cancellationToken);

    /// <summary>Replaces a department's display names and attributes; tried again safely, for the same again changes nothing.</summary>
    public Task<Department> UpdateAsync(Department department, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.UpdateDepartmentAsync, new UpdateDepartmentRequest { Department = department }, true, cancellationToken);

    /// <summary>One department, by its name `departments/{department}`.</summary>
    public Task<Department> GetAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetDepartmentAsync, new GetDepartmentRequest { Name = name }, true, cancellationToken);

    /// <summary>All departments.</summary>
    public IAsyncEnumerable<Department> ListAsync(CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListDepartmentsAsync, new ListDepartmentsRequest { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Departments,
        page => page.NextPageToken,
        cancellationToken);
}
