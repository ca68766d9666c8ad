namespace Exchange.EventStore.Embedded;

/// <summary>The settings the private server runs with, as the arguments of its process: equal arguments mean an equal server.</summary>
internal static class ServerSettings
{
    // Durable and sized for a small machine. Statements and details stay out of the log: they may quote a citizen's words.
    private static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>
    {
        ["fsync"] = "on",
        ["full_page_writes"] = "on",
        ["synchronous_commit"] = "on",
        ["wal_level"] = "replica",
        ["shared_buffers"] = "256MB",
        ["max_wal_size"] = "2GB",
        ["checkpoint_timeout"] = "15min",
        ["max_connections"] = "100",
        ["jit"] = "off",
        ["timezone"] = "UTC",
        ["log_timezone"] = "UTC",
        ["log_min_messages"] = "log",
        ["log_min_error_statement"] = "panic",
        ["log_error_verbosity"] = "terse",
    };

    /// <summary>Settings as `-c name=value` pairs, sorted by name: the defaults, then what the caller replaces, then what makes the server private.</summary>
    public static IReadOnlyList<string> Arguments(PostgresFolder folder, IReadOnlyDictionary<string, string> replaced)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Defaults.Concat(replaced))
        {
            settings[name] = value.Contains('\'', StringComparison.Ordinal)
                ? throw new EmbeddedPostgresException($"the value of setting `{name}` holds a quote, which pg_ctl cannot take")
                : value;
        }

        settings["listen_addresses"] = "";
        settings["unix_socket_directories"] = folder.SocketDirectory;
        settings["unix_socket_permissions"] = "0700";
        settings["port"] = "5432";
        return [.. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })];
    }
}
