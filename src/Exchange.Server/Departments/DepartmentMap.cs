using System.Collections.Immutable;
using System.Globalization;
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

    /// <summary>The name of a department that may be missing; empty for none.</summary>
    public static string NameOf(DepartmentId? id) => id is { } department ? NameOf(department) : "";

    /// <summary>The department as a message.</summary>
    public static Proto.Department ToProto(this Department department) => new()
    {
        Name = NameOf(department.Id),
        DisplayName = department.DisplayName,
        DisplayNameZh = department.DisplayNameZh,
        Level = (Proto.AdministrativeLevel)department.Level,
        Parent = NameOf(department.Parent),
        SourceSystems = { department.SourceSystems.Select(system => system.Value) },
        CreateTime = Timestamp.FromDateTimeOffset(department.CreateTime),
        Attributes = { department.Attributes },
        CreditCode = department.CreditCode,
        Etag = department.Etag,
    };

    /// <summary>The message as a department of this id, unchecked.</summary>
    public static Department ToDomain(this Proto.Department department, DepartmentId id) => new()
    {
        Id = id,
        DisplayName = department.DisplayName,
        DisplayNameZh = department.DisplayNameZh,
        Level = (AdministrativeLevel)department.Level,
        Parent = ResourceNames.DepartmentIn(department.Parent),
        SourceSystems = [.. department.SourceSystems.Select(system => new SourceSystemId(system))],
        CreditCode = department.CreditCode,
        Attributes = department.Attributes.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    /// <summary>A stored department. One that was stored before departments could change has no etag.</summary>
    public static Department ToDomain(this Proto.Department department) =>
        department.ToDomain(new DepartmentId(ResourceNames.IdIn("departments", department.Name))) with
        {
            CreateTime = department.CreateTime.ToDateTimeOffset(),
            Revision = department.Etag.Length is 0 ? 1 : int.Parse(department.Etag.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture),
        };
}
