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
    private static readonly Option<string?> _nameZh = new("--name-zh") { Description = "Chinese name" };
    private static readonly Option<string> _level = new Option<string>("--level") { Description = string.Join(", ", _levels), Required = true }.AcceptOnlyFromAmong(_levels);
    private static readonly Option<string?> _parent = new("--parent") { Description = "department above" };
    private static readonly Option<string[]> _systems = new("--source-system") { Description = "source system whose numbers it uses; may come several times" };

    public static Command Create(GlobalOptions options) => new Command("departments", "Organisations connected to the hub.").With(
        new Command("list", "Lists departments.").Runs(options, (context, cancellationToken) => context.Output.TableAsync(
            context.Client.Departments.ListAsync(cancellationToken),
            ["department", "name", "名称", "level", "parent", "source systems"],
            Row,
            cancellationToken)),
        new Command("create", "Registers a department; needs the operator's role.").With(_id, _name, _nameZh, _level, _parent, _systems).Runs(options, CreateAsync));

    private static async Task<int> CreateAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var created = await context.Client.Departments.CreateAsync(
            new Department
            {
                Name = CommonOptions.Name("departments", context.Value(_id)),
                DisplayName = context.Value(_name),
                DisplayNameZh = context.Value(_nameZh) ?? "",
                Level = Enum.Parse<AdministrativeLevel>(context.Value(_level)!, ignoreCase: true),
                Parent = context.Value(_parent) is { } parent ? CommonOptions.Name("departments", parent) : "",
                SourceSystems = { context.Value(_systems) ?? [] },
            },
            cancellationToken);
        if (context.Output.IsJson)
        {
            context.Output.Json(created);
        }
        else
        {
            context.Output.Note($"registered {created.Name}");
        }

        return ExitCode.Done;
    }

    private static string[] Row(Department department) =>
    [
        Last(department.Name), department.DisplayName, department.DisplayNameZh, department.Level.ToString(), Last(department.Parent), string.Join(' ', department.SourceSystems),
    ];

    private static string Last(string name) => name[(name.LastIndexOf('/') + 1)..];
}
