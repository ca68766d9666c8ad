using System.Runtime.Versioning;
using Exchange.EventStore.Embedded;
using Exchange.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Exchange.EventStore.Tests.Embedded;

[SupportedOSPlatform("linux")]
public sealed class EmbeddedPostgresRefusalTests : IDisposable
{
    private readonly string folder = TestPostgres.NewFolder();

    [Fact]
    public async Task Data_of_another_major_version_is_refused_with_both_versions_and_the_way_on()
    {
        var server = await StartAsync(new() { DataDirectory = folder });
        var major = server.MajorVersion;
        await server.DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "data", "PG_VERSION"), "9\n");

        var refusal = await RefusedAsync(new() { DataDirectory = folder });

        Assert.Contains($"the data in `{folder}/data` was made by PostgreSQL 9,", refusal);
        Assert.Contains($"are PostgreSQL {major};", refusal);
        Assert.Contains("EXCHANGE_POSTGRES_BIN", refusal);
        Assert.Contains("pg_upgrade", refusal);

        // The keys are in the folder above: whoever moved all of it away would lose every sealed value.
        Assert.Contains($"that folder, and nothing else of `{folder}`", refusal);
    }

    [Fact]
    public async Task A_second_hub_on_the_same_folder_is_refused_and_the_first_goes_on()
    {
        await using var first = await StartAsync(new() { DataDirectory = folder });

        var refusal = await RefusedAsync(new() { DataDirectory = folder });

        Assert.Contains($"another hub (process {Environment.ProcessId})", refusal);
        await first.CreateDatabaseAsync("still_there", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Of_two_hubs_that_start_at_once_one_wins()
    {
        var starts = Enumerable.Range(0, 2).Select(_ => Task.Run(() => StartAsync(new() { DataDirectory = folder }))).ToList();

        await Task.WhenAny(Task.WhenAll(starts));

        await using var winner = await Assert.Single(starts, start => start.IsCompletedSuccessfully);
        Assert.IsType<EmbeddedPostgresException>(Assert.Single(starts, start => start.IsFaulted).Exception!.InnerException);
    }

    [Fact]
    public async Task A_socket_path_over_the_limit_is_refused_before_anything_is_made()
    {
        var longFolder = Path.Combine(folder, new string('x', 80));

        var refusal = await RefusedAsync(new() { DataDirectory = longFolder });

        Assert.Contains("the limit is 107", refusal);
        Assert.False(Directory.Exists(longFolder));
    }

    [Fact]
    public async Task A_socket_path_of_exactly_the_limit_works()
    {
        var path = folder + "/" + new string('x', 107 - "/run/.s.PGSQL.5432".Length - folder.Length - 1);

        await using var server = await StartAsync(new() { DataDirectory = path });

        await server.CreateDatabaseAsync("reached", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_path_that_the_start_script_cannot_take_is_refused() =>
        Assert.Contains("choose another folder", await RefusedAsync(new() { DataDirectory = folder + "/a$b" }));

    [Fact]
    public async Task A_setting_the_server_does_not_take_is_refused_with_its_own_words()
    {
        var refusal = await RefusedAsync(new() { DataDirectory = folder, Settings = new Dictionary<string, string> { ["shared_buffers"] = "banana" } });

        Assert.Contains("does not start", refusal);
        Assert.Contains("invalid value for parameter \"shared_buffers\"", refusal);
    }

    [Fact]
    public async Task A_folder_without_the_programs_is_refused_and_named() =>
        Assert.Contains($"names `{Path.GetTempPath()}`", await RefusedAsync(new() { DataDirectory = folder, BinDirectory = Path.GetTempPath() }));

    [Fact]
    public async Task After_a_refused_start_a_right_one_works()
    {
        await RefusedAsync(new() { DataDirectory = folder, Settings = new Dictionary<string, string> { ["shared_buffers"] = "banana" } });

        await using var server = await StartAsync(new() { DataDirectory = folder });

        await server.CreateDatabaseAsync("works", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_an_interrupted_first_start_left_is_made_anew()
    {
        Directory.CreateDirectory(Path.Combine(folder, "data.new"));
        await File.WriteAllTextAsync(Path.Combine(folder, "data.new", "PG_VERSION"), "15\n");
        if (Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_001_001);
        }

        await using var server = await StartAsync(new() { DataDirectory = folder });

        await server.CreateDatabaseAsync("works", TestContext.Current.CancellationToken);
        Assert.False(Directory.Exists(Path.Combine(folder, "data.new")));
    }

    [Fact]
    public async Task As_root_a_folder_the_servers_user_cannot_enter_is_replaced_by_one_it_can()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("only root can make a folder that the server's user cannot enter");
        }

        var closed = Directory.CreateTempSubdirectory("closed-");
        var wanted = Path.Combine(closed.FullName, "hub");
        try
        {
            await using var server = await StartAsync(new() { DataDirectory = wanted });

            Assert.Equal(EmbeddedPostgresOptions.DirectoryFor(wanted), server.DataDirectory);
            Assert.Empty(closed.EnumerateFileSystemInfos());
        }
        finally
        {
            closed.Delete(recursive: true);
            TestPostgres.Delete(EmbeddedPostgresOptions.DirectoryFor(wanted));
        }
    }

    [Fact]
    public async Task As_root_the_data_never_lies_in_the_checkout()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("an ordinary user may keep the data where it wants");
        }

        var wanted = Path.Combine(EmbeddedPostgresOptions.Checkout, ".exchange", Guid.NewGuid().ToString());
        try
        {
            await using var server = await StartAsync(new() { DataDirectory = wanted });

            Assert.Equal(EmbeddedPostgresOptions.DirectoryFor(wanted), server.DataDirectory);
            Assert.False(Directory.Exists(wanted));
        }
        finally
        {
            TestPostgres.Delete(EmbeddedPostgresOptions.DirectoryFor(wanted));
        }
    }

    public void Dispose() => TestPostgres.Delete(folder);

    private static Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options) =>
        EmbeddedPostgres.StartAsync(options, NullLogger.Instance, TestContext.Current.CancellationToken);

    private static async Task<string> RefusedAsync(EmbeddedPostgresOptions options) =>
        (await Assert.ThrowsAsync<EmbeddedPostgresException>(() => StartAsync(options))).Message;
}
