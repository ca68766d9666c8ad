namespace Exchange.Server.Departments;

/// <summary>Registers the departments feature.</summary>
internal static class DepartmentsRegistration
{
    /// <summary>Adds the service.</summary>
    public static void AddDepartments(this IServiceCollection services) => services.AddSingleton<DepartmentsService>();

    /// <summary>Serves it.</summary>
    public static void MapDepartments(this WebApplication application) => application.MapGrpcService<DepartmentsService>();
}
