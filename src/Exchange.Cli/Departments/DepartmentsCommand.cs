using System.CommandLine;
using Exchange.Cli.Terminal;
using Exchange.Protos.V1;

namespace Exchange.Cli.Departments;

/// <summary>`exchange departments`.</summary>
internal static class DepartmentsCommand
{
    private static readonly string[] _levels = [.. Enum.GetNames<AdministrativeLevel>().Skip(1).Select(n => n.ToLowerInvariant())];
    private static readonly Argument<string> _id = new("id") { Description = "department, e.g. housing" };
    private static readonly Option<string> _name = new("--name") { Description = "English name", Required = true };
    private static readonly Option<string?> _newName = new("--name") { Description = "English name; left out, it stays" };
    private static readonly Option<string?> _nameZh = new("--name-zh") { Description = "Chinese name" };
    private static readonly Option<string> _level = new Option<string>("--level") { Description = string.Join(", ", _levels), Required = true }.AcceptOnlyFromAmong(_levels);
    private static readonly Option<string?> _parent = new("--parent") { Description = "department above" };
    private static readonly Option<string[]> _systems = new("--source-system") { Description = "source system whose numbers it uses; may come several times" };
    private static readonly Option<string[]> _attributes = new("--attribute") { Description = "NAME=VALUE that policy rows may ask for, e.g. district=east; may come several times; NAME= takes it away" };

    public static Command Create(GlobalOptions options) => new Command("departments", "Organisations connected to the hub.").With(
        new Command("list", "Lists departments.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Departments.ListAsync(cancellationToken),
            ["department", "name", "名称", "level", "parent", "source systems", "attributes"],
            Row,
            cancellationToken)),
        new Command("create", "Registers a department; needs the operator's role.").With(_id, _name, _nameZh, _level, _parent, _systems, _attributes).Runs(options, CreateAsync),
        new Command("update", "Changes names and attributes of a department; what is not named stays. Needs the operator's role.").With(_id, _newName, _nameZh, _attributes).Runs(options, UpdateAsync));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var department = new Department
        {
            Name = CommonOptions.Name("departments", context.Value(_id)),
            DisplayName = context.Value(_name),
            DisplayNameZh = context.Value(_nameZh) ?? "",
            Level = Enum.Parse<AdministrativeLevel>(context.Value(_level)!, ignoreCase: true),
            Parent = context.Value(_parent) is { } parent ? CommonOptions.Name("departments", parent) : "",
            SourceSystems = { context.Value(_systems) ?? [] },
        };
        Change(department, context.Value(_attributes) ?? []);
        return Show(context.Output, await context.Client.Departments.CreateAsync(department, cancellationToken), "registered");
    }

    private static async Task<int> UpdateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var department = await context.Client.Departments.GetAsync(CommonOptions.Name("departments", context.Value(_id)), cancellationToken);
        department.DisplayName = context.Value(_newName) ?? department.DisplayName;
        department.DisplayNameZh = context.Value(_nameZh) ?? department.DisplayNameZh;
        Change(department, context.Value(_attributes) ?? []);
        return Show(context.Output, await context.Client.Departments.UpdateAsync(department, cancellationToken), "updated");
    }

    /// <summary>Sets the attributes `name=value`, and takes away those without a value.</summary>
    internal static void Change(Department department, IEnumerable<string> attributes)
    {
        foreach (var attribute in attributes)
        {
            switch (attribute.Split('=', 2))
            {
                case [{ Length: > 0 } name, ""]:
                    department.Attributes.Remove(name);
                    break;
                case [{ Length: > 0 } name, var value]:
                    department.Attributes[name] = value;
                    break;
                default:
                    throw new UsageException($"`{attribute}` is no attribute: give a name and a value such as district=east");
            }
        }
    }

    private static int Show(Output output, Department department, string what)
    {
        if (output.IsJson)
        {
            output.Json(department);
        }
        else
        {
            output.Note($"{what} {department.Name}{(department.Attributes.Count > 0 ? $": {Attributes(department)}" : "")}");
        }

        return ExitCode.Done;
    }

    private static string[] Row(Department department) =>
    [
        CommonOptions.Last(department.Name), department.DisplayName, department.DisplayNameZh, department.Level.ToString(), CommonOptions.Last(department.Parent), string.Join(' ', department.SourceSystems), Attributes(department),
    ];

    private static string Attributes(Department department) =>
        string.Join(' ', department.Attributes.OrderBy(attribute => attribute.Key, StringComparer.Ordinal).Select(attribute => $"{attribute.Key}={attribute.Value}"));
}
