using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Governance;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns categories and code lists into messages and back.</summary>
internal static class CategoryMap
{
    private const string Categories = "categories";
    private const string CodeLists = "codeLists";

    /// <summary>The name of a category.</summary>
    public static string NameOf(CategoryCode code) => $"{Categories}/{code}";

    /// <summary>The name of a code list.</summary>
    public static string NameOf(CodeListId id) => $"{CodeLists}/{id}";

    /// <summary>The code of a category's name; not a valid one when the name is malformed.</summary>
    public static CategoryCode CodeIn(string name) => new(ResourceNames.IdIn(Categories, name));

    /// <summary>The id of a code list's name; not a valid one when the name is malformed.</summary>
    public static CodeListId CodeListIn(string name) => new(ResourceNames.IdIn(CodeLists, name));

    /// <summary>The category as a message.</summary>
    public static Proto.Category ToProto(this Category category) => new()
    {
        Name = NameOf(category.Code),
        DisplayName = category.DisplayName,
        DisplayNameZh = category.DisplayNameZh,
        Parent = category.Parent is { } parent ? NameOf(parent) : "",
    };

    /// <summary>The message as a category, unchecked.</summary>
    public static Category ToDomain(this Proto.Category category) => new()
    {
        Code = CodeIn(category.Name),
        DisplayName = category.DisplayName,
        DisplayNameZh = category.DisplayNameZh,
        Parent = category.Parent.Length is 0 ? null : CodeIn(category.Parent),
    };

    /// <summary>The code list as a message.</summary>
    public static Proto.CodeList ToProto(this CodeList list) => new()
    {
        Name = NameOf(list.Id),
        Version = list.Version,
        Codes =
        {
            list.Codes.Select(entry => new Proto.Code
            {
                Code_ = entry.Code, DisplayName = entry.DisplayName, DisplayNameZh = entry.DisplayNameZh, Retired = entry.Retired,
            }),
        },
        Mappings =
        {
            list.Mappings.Select(mapping => new Proto.CodeMapping { CodeSystem = mapping.CodeSystem, SourceCode = mapping.SourceCode, Code = mapping.Code }),
        },
    };

    /// <summary>The message's code, unchecked.</summary>
    public static CodeEntry ToDomain(this Proto.Code code) => new()
    {
        Code = code.Code_, DisplayName = code.DisplayName, DisplayNameZh = code.DisplayNameZh, Retired = code.Retired,
    };

    /// <summary>The message's mapping, unchecked.</summary>
    public static SourcedCode ToDomain(this Proto.CodeMapping mapping) => new(mapping.Code, mapping.CodeSystem, mapping.SourceCode);

    /// <summary>A stored code list.</summary>
    public static CodeList ToDomain(this Proto.CodeList list) =>
        new(CodeListIn(list.Name), list.Version, [.. list.Codes.Select(code => code.ToDomain())], [.. list.Mappings.Select(mapping => mapping.ToDomain())]);
}
