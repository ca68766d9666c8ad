using Exchange.Catalog;
using Exchange.Policy.Masks;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using FieldType = Exchange.Policy.Conditions.FieldType;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns resources and their fields into messages and back.</summary>
internal static class ResourceMap
{
    private const string Resources = "resources";

    /// <summary>The name of a resource.</summary>
    public static string NameOf(ResourceId id) => $"{Resources}/{id}";

    /// <summary>The resource as a message.</summary>
    public static Proto.Resource ToProto(this ResourceDefinition resource) => new()
    {
        Name = NameOf(resource.Id),
        DisplayName = resource.DisplayName,
        DisplayNameZh = resource.DisplayNameZh,
        Abstract = resource.Abstract,
        Department = DepartmentMap.NameOf(resource.Department),
        Category = resource.Category is { } category ? CategoryMap.NameOf(category) : "",
        Fields = { resource.Fields.Select(ToProto) },
        UpdateCycle = (Proto.UpdateCycle)resource.UpdateCycle,
        Revision = resource.Revision,
        PublishTime = Timestamp.FromDateTimeOffset(resource.PublishTime),
        Etag = resource.Etag,
    };

    /// <summary>The message as a draft, unchecked.</summary>
    public static ResourceDraft ToDraft(this Proto.Resource resource) => new()
    {
        Id = new ResourceId(ResourceNames.IdIn(Resources, resource.Name)),
        DisplayName = resource.DisplayName,
        DisplayNameZh = resource.DisplayNameZh,
        Abstract = resource.Abstract,
        Department = new DepartmentId(ResourceNames.IdIn("departments", resource.Department)),
        Category = resource.Category.Length is 0 ? null : CategoryMap.CodeIn(resource.Category),
        Fields = [.. resource.Fields.Select(ToDomain)],
        UpdateCycle = (UpdateCycle)resource.UpdateCycle,
        Etag = resource.Etag,
    };

    /// <summary>A stored resource.</summary>
    public static ResourceDefinition ToDomain(this Proto.Resource resource) =>
        new(new ResourceId(ResourceNames.IdIn(Resources, resource.Name)), resource.Revision, resource.Fields.Select(ToDomain))
        {
            DisplayName = resource.DisplayName,
            DisplayNameZh = resource.DisplayNameZh,
            Abstract = resource.Abstract,
            Department = new DepartmentId(ResourceNames.IdIn("departments", resource.Department)),
            Category = resource.Category.Length is 0 ? null : CategoryMap.CodeIn(resource.Category),
            UpdateCycle = (UpdateCycle)resource.UpdateCycle,
            PublishTime = resource.PublishTime.ToDateTimeOffset(),
        };

    /// <summary>A mask as a message; none when it is not given.</summary>
    public static Proto.Mask? ToProto(this Mask mask) =>
        mask.IsUnspecified ? null : new Proto.Mask { Kind = (Proto.MaskKind)mask.Kind, Parameter = mask.Parameter };

    /// <summary>The message as a mask, unchecked.</summary>
    public static Mask ToDomain(this Proto.Mask? mask) => mask is null ? default : new Mask((MaskKind)mask.Kind, mask.Parameter);

    private static Proto.Field ToProto(FieldDefinition field) => new()
    {
        Name = field.Name,
        Number = field.Number,
        Type = (Proto.FieldType)field.Type,
        DisplayName = field.DisplayName,
        DisplayNameZh = field.DisplayNameZh,
        Owner = field.Owner switch
        {
            OwnerRule.Department { Id: var id } => new Proto.OwnerRule { Department = DepartmentMap.NameOf(id) },
            OwnerRule.DepartmentField { FieldName: var name } => new Proto.OwnerRule { DepartmentField = name },
            _ => new Proto.OwnerRule { Opener = true },
        },
        Level = (Proto.Level)field.Level,
        SharingClass = (Proto.SharingClass)field.SharingClass,
        OpenClass = (Proto.OpenClass)field.OpenClass,
        CodeList = field.CodeList is { } list ? CategoryMap.NameOf(list) : "",
        MaxLength = field.MaxLength,
        Searchable = field.Searchable,
        Indexed = field.Indexed,
        Role = (Proto.FieldRole)field.Role,
        DefaultMask = field.Mask.ToProto(),
        Required = field.Required,
        Retired = field.Retired,
    };

    private static FieldDefinition ToDomain(Proto.Field field) => new()
    {
        Name = field.Name,
        Number = field.Number,
        Type = (FieldType)field.Type,
        DisplayName = field.DisplayName,
        DisplayNameZh = field.DisplayNameZh,
        Owner = ToDomain(field.Owner),
        Level = (Level)field.Level,
        SharingClass = (SharingClass)field.SharingClass,
        OpenClass = (OpenClass)field.OpenClass,
        CodeList = field.CodeList.Length is 0 ? null : CategoryMap.CodeListIn(field.CodeList),
        MaxLength = field.MaxLength,
        Searchable = field.Searchable,
        Indexed = field.Indexed,
        Role = (FieldRole)field.Role,
        Mask = field.DefaultMask.ToDomain(),
        Required = field.Required,
        Retired = field.Retired,
    };

    // A rule that is not given, also `opener: false`, is a department without an id, which the rules refuse.
    private static OwnerRule ToDomain(Proto.OwnerRule? rule) => rule switch
    {
        { RuleCase: Proto.OwnerRule.RuleOneofCase.Department } => new OwnerRule.Department(new DepartmentId(ResourceNames.IdIn("departments", rule.Department))),
        { RuleCase: Proto.OwnerRule.RuleOneofCase.DepartmentField } => new OwnerRule.DepartmentField(rule.DepartmentField),
        { Opener: true } => new OwnerRule.Opener(),
        _ => new OwnerRule.Department(new DepartmentId("")),
    };
}
