namespace Exchange.Cli.Terminal;

/// <summary>What scripts can rely on.</summary>
internal static class ExitCode
{
    /// <summary>All done.</summary>
    public const int Done = 0;

    /// <summary>The hub refused, or something failed: also a full disk, and a reader of standard output that has gone (`pull | head`).</summary>
    public const int Refused = 1;

    /// <summary>Wrong command line, mapping or file.</summary>
    public const int Usage = 2;

    /// <summary>The hub cannot be reached.</summary>
    public const int Unavailable = 3;

    /// <summary>Done, but some rows were not taken; the reject file names them.</summary>
    public const int SomeRejected = 4;

    /// <summary>Done, but coverage is not proven, or the log does not verify.</summary>
    public const int NotProven = 5;

    /// <summary>Done, and something was found that is probably a mistake.</summary>
    public const int Found = 6;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>For the help text.</summary>
    public const string Help = """
        Exit codes: 0 done · 1 refused by the hub, or failed (also: disk full, reader of standard output gone) · 2 wrong command line, mapping or file · 3 hub unavailable ·
          4 done, but some rows were not taken · 5 coverage not proven or log not intact · 6 lint found something ·
          130 interrupted.
        """;
}
