using Exchange.Clients.Identity;
using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Clients;

/// <summary>A hub with the sample city, and a folder with a mapping and a file of tickets from which the command line is run.</summary>
internal sealed class CommandLineHub : IAsyncDisposable
{
    public const string Mapping = """
        mapping: 1
        resource: complaint
        time_zone: Asia/Shanghai
        departments: {hotline: hotline-tickets, housing: housing-cases}
        parts:
          - name: intake
            department: hotline
            id: no
            fields:
              record_no: no
              channel: {value: HOTLINE_12345}
              accepted_at: {column: at, formats: ["yyyy-MM-dd HH:mm"]}
              title: title
              responsible_department: {column: office, codes: {H: housing}}
          - name: handling
            department_field: responsible_department
            opened_as: intake
            fields:
              status: {column: status, codes: {done: CONCLUDED}}
        """;

    private CommandLineHub(ClientHub hub) => Hub = hub;

    public ClientHub Hub { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("cli-").FullName;

    public static async Task<CommandLineHub> StartAsync(string name)
    {
        var hub = new CommandLineHub(await ClientHub.StartAsync(name));
        await hub.WriteAsync("m.yaml", Mapping);
        await hub.WriteAsync("tickets.csv", "no,at,title,office,status\n1,2024-05-01 08:00,小区漏水,H,done\n2,2024-05-01 09:00,路灯不亮,,\n3,soon,坏行,H,done\n4,2024-05-01 10:00,=1+1,H,\n");
        return hub;
    }

    public string PathOf(string file) => Path.Combine(Folder, file);

    public Task WriteAsync(string file, string text) => File.WriteAllTextAsync(PathOf(file), text, TestContext.Current.CancellationToken);

    public Task<string[]> LinesOfAsync(string file) => File.ReadAllLinesAsync(PathOf(file), TestContext.Current.CancellationToken);

    /// <summary>Runs the command line as a caller; a `--hub` among the arguments wins over the caller's.</summary>
    public Task<CliProcess> RunAsync(string[] caller, params string[] arguments) =>
        CliProcess.RunAsync(Folder, [.. arguments, .. arguments.Contains("--hub") ? caller.SkipLast(arguments.Contains("--token-endpoint") ? 4 : 2) : caller]);

    /// <summary>Registers a client of a department.</summary>
    public async Task<string[]> CallerAsync(string department, Role role = Role.DepartmentSystem)
    {
        var (id, key) = await Hub.RegisterKeyAsync(department, role);
        return Caller(id, key);
    }

    public async Task<string[]> OperatorAsync() =>
        Caller("operator", ClientKey.FromPem(await File.ReadAllTextAsync(Path.Combine(Hub.Hub.Options.DataDirectory, "operator-key.pem"), TestContext.Current.CancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Options that say who calls and where; the address last.</summary>
    private string[] Caller(string id, ClientKey key)
    {
        File.WriteAllText(PathOf(id + ".pem"), key.ToPem());
        return ["--client", id, "--key", PathOf(id + ".pem"), "--token-endpoint", Hub.Hub.Node.Addresses.TokenEndpoint, "--hub", Hub.Hub.Node.Addresses.Grpc.ToString()];
    }
}
