using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;
using Exchange.Server.Catalog.Quality;
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
    public static Proto.Resource ToProto(this ResourceDefinition resource) => new Proto.Resource
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
    }.Describe(resource.Description);

    /// <summary>The resource as a message, with what the state knows of it.</summary>
    public static Proto.Resource ToProto(this ResourceDefinition resource, GovernanceState state)
    {
        var message = resource.ToProto();
        message.ProviderCode = state.Departments.GetValueOrDefault(resource.Department.Value)?.CreditCode ?? "";
        message.State = (Proto.ResourceState)state.StateOf(resource.Id);
        return message;
    }

    /// <summary>The draft as a message.</summary>
    public static Proto.Resource ToProto(this ResourceDraft draft) => new Proto.Resource
    {
        Name = NameOf(draft.Id),
        DisplayName = draft.DisplayName,
        DisplayNameZh = draft.DisplayNameZh,
        Abstract = draft.Abstract,
        Department = DepartmentMap.NameOf(draft.Department),
        Category = draft.Category is { } category ? CategoryMap.NameOf(category) : "",
        Fields = { draft.Fields.Select(ToProto) },
        UpdateCycle = (Proto.UpdateCycle)draft.UpdateCycle,
        Etag = draft.Etag,
    }.Describe(draft.Description);

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
        Description = resource.ToDescription(),
        Etag = resource.Etag,
    };

    /// <summary>A stored resource.</summary>
    public static ResourceDefinition ToDomain(this Proto.Resource resource)
    {
        var draft = resource.ToDraft();
        return draft.ToDefinition(resource.Revision, draft.Fields, draft.Description.Code, resource.PublishTime.ToDateTimeOffset());
    }

    /// <summary>A mask as a message; none when it is not given.</summary>
    public static Proto.Mask? ToProto(this Mask mask) =>
        mask.IsUnspecified ? null : new Proto.Mask { Kind = (Proto.MaskKind)mask.Kind, Parameter = mask.Parameter };

    /// <summary>The message as a mask, unchecked.</summary>
    public static Mask ToDomain(this Proto.Mask? mask) => mask is null ? default : new Mask((MaskKind)mask.Kind, mask.Parameter);

    /// <summary>A basis as a message; none when it is not given.</summary>
    public static Proto.Basis? ToProto(this Basis basis) => basis.IsNone ? null : new Proto.Basis { Kind = (Proto.BasisKind)basis.Kind, Text = basis.Text };

    /// <summary>The message as a basis, unchecked.</summary>
    public static Basis ToDomain(this Proto.Basis? basis) => basis is null ? default : new Basis((BasisKind)basis.Kind, basis.Text);

    private static Proto.Resource Describe(this Proto.Resource message, ResourceDescription description)
    {
        message.Code = description.Code?.Value ?? "";
        message.Format = (Proto.ResourceFormat)description.Format;
        message.SharingMode = (Proto.SharingMode)description.SharingMode;
        message.PlatformModes.AddRange(description.PlatformModes.Select(mode => (Proto.PlatformMode)mode));
        message.RelatedCodes.AddRange(description.RelatedCodes.Select(code => code.Value));
        message.SourceSystem = description.SourceSystem;
        message.Coverage = description.Coverage;
        message.Contact = description.Contact;
        return message;
    }

    private static ResourceDescription ToDescription(this Proto.Resource message) => new()
    {
        Code = message.Code.Length is 0 ? null : new ResourceCode(message.Code),
        Format = (ResourceFormat)message.Format,
        SharingMode = (SharingMode)message.SharingMode,
        PlatformModes = [.. message.PlatformModes.Select(mode => (PlatformMode)mode)],
        RelatedCodes = [.. message.RelatedCodes.Select(code => new ResourceCode(code))],
        SourceSystem = message.SourceSystem,
        Coverage = message.Coverage,
        Contact = message.Contact,
    };

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
        Condition = field.Terms.Condition,
        Basis = field.Terms.Basis.ToProto(),
        OpenCondition = field.Terms.OpenCondition,
        OpenBasis = field.Terms.OpenBasis.ToProto(),
        CodeList = field.CodeList is { } list ? CategoryMap.NameOf(list) : "",
        MaxLength = field.MaxLength,
        Searchable = field.Searchable,
        Indexed = field.Indexed,
        Role = (Proto.FieldRole)field.Role,
        DefaultMask = field.Mask.ToProto(),
        Required = field.Required,
        Retired = field.Retired,
        QualityRules = { field.QualityRules.Select(QualityMap.ToProto) },
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
        Terms = new SharingTerms
        {
            Condition = field.Condition, Basis = field.Basis.ToDomain(), OpenCondition = field.OpenCondition, OpenBasis = field.OpenBasis.ToDomain(),
        },
        CodeList = field.CodeList.Length is 0 ? null : CategoryMap.CodeListIn(field.CodeList),
        MaxLength = field.MaxLength,
        Searchable = field.Searchable,
        Indexed = field.Indexed,
        Role = (FieldRole)field.Role,
        Mask = field.DefaultMask.ToDomain(),
        Required = field.Required,
        Retired = field.Retired,
        QualityRules = [.. field.QualityRules.Select(QualityMap.ToDomain)],
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
