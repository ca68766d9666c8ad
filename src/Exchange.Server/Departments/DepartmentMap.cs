using Exchange.Catalog;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Departments;

/// <summary>Turns departments into messages and back.</summary>
internal static class DepartmentMap
{
    /// <summary>The name of a department.</summary>
    public static string NameOf(DepartmentId id) => $"departments/{id}";

    /// <summary>The department as a message.</summary>
    public static Proto.Department ToProto(this Department department) => new()
    {
        Name = NameOf(department.Id),
        DisplayName = department.DisplayName,
        DisplayNameZh = department.DisplayNameZh,
        Level = (Proto.AdministrativeLevel)department.Level,
        Parent = department.Parent is { } parent ? NameOf(parent) : "",
        SourceSystems = { department.SourceSystems.Select(system => system.Value) },
        CreateTime = Timestamp.FromDateTimeOffset(department.CreateTime),
    };

    /// <summary>The message as a department of this id, unchecked.</summary>
    public static Department ToDomain(this Proto.Department department, DepartmentId id) => new()
    {
        Id = id,
        DisplayName = department.DisplayName,
        DisplayNameZh = department.DisplayNameZh,
        Level = (AdministrativeLevel)department.Level,
        Parent = department.Parent.Length is 0 ? null : new DepartmentId(ResourceNames.IdIn("departments", department.Parent)),
        SourceSystems = [.. department.SourceSystems.Select(system => new SourceSystemId(system))],
        CreateTime = department.CreateTime?.ToDateTimeOffset() ?? default,
    };

    /// <summary>A stored department.</summary>
    public static Department ToDomain(this Proto.Department department) =>
        department.ToDomain(new DepartmentId(ResourceNames.IdIn("departments", department.Name)));
}
