using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Exchange.Cli.Terminal;
using Exchange.Clients.Identity;

namespace Exchange.Cli.Identity;

/// <summary>Sessions of people who signed in, a file for each hub and user in the account's configuration folder, which only its owner can read.</summary>
internal static class SessionFile
{
    private static readonly JsonSerializerOptions _format = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // XDG_CONFIG_HOME, or ~/.config.
    private static string Folder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "dataexchange", "sessions");

    /// <summary>The session of a user at a hub; a usage error when there is none, or it is over.</summary>
    public static UserSession Read(Uri hub, string user)
    {
        var session = Find(hub, user);
        return session is null ? throw new UsageException($"user `{user}` is not signed in at {hub}; use `exchange identity sign-in --user {user}`")
            : session.ExpireTime <= DateTimeOffset.UtcNow ? throw new UsageException($"the session of user `{user}` is over; use `exchange identity sign-in --user {user}`")
            : session;
    }

    /// <summary>The session of a user at a hub; null when there is none.</summary>
    public static UserSession? Find(Uri hub, string user)
    {
        try
        {
            return JsonSerializer.Deserialize<UserSession>(File.ReadAllText(PathOf(hub, user)), _format);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a session, in place of an older one.</summary>
    public static void Write(Uri hub, UserSession session)
    {
        var (path, options) = (PathOf(hub, session.User), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var fresh = $"{path}.{Environment.ProcessId}.new";
        using (var stream = new FileStream(fresh, options))
        {
            JsonSerializer.Serialize(stream, session, _format);
        }

        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>Forgets a session.</summary>
    public static void Delete(Uri hub, string user)
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(PathOf(hub, user));
        }
    }

    private static string PathOf(Uri hub, string user) =>
        Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hub}\n{user}")))[..32] + ".json");
}
