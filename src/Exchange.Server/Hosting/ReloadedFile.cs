using System.Security.Cryptography;

namespace Exchange.Server.Hosting;

/// <summary>Opens files that are read again when they change.</summary>
internal static class ReloadedFile
{
    /// <summary>Reads a file. Throws <see cref="HubStartException"/> when it cannot be read or does not hold what is expected.</summary>
    public static ReloadedFile<T> Open<T>(string file, string expected, Func<string, T> read, TimeProvider time)
        where T : class
    {
        try
        {
            return new ReloadedFile<T>(file, read, time);
        }
        catch (Exception e) when (ReloadedFile<T>.IsUnreadable(e))
        {
            throw new HubStartException($"cannot read `{file}`, which must hold {expected}: {e.Message}", e);
        }
    }
}

/// <summary>What a file holds. A changed one is read again within a minute; while it cannot be, the last that could counts.</summary>
internal sealed class ReloadedFile<T>
    where T : class
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Lock turn = new();
    private readonly string file;
    private readonly Func<string, T> read;
    private readonly TimeProvider time;
    private T current;
    private string text;
    private DateTimeOffset checkTime;

    /// <summary>Reads it.</summary>
    internal ReloadedFile(string file, Func<string, T> read, TimeProvider time)
    {
        this.file = file;
        this.read = read;
        this.time = time;
        text = File.ReadAllText(file);
        current = read(text);
        checkTime = time.GetUtcNow() + Patience;
    }

    /// <summary>What it holds now.</summary>
    public T Current()
    {
        lock (turn)
        {
            if (time.GetUtcNow() >= checkTime)
            {
                checkTime = time.GetUtcNow() + Patience;
                try
                {
                    // Not by its time: a link that leads elsewhere now keeps its own.
                    if (File.ReadAllText(file) is var present && present != text)
                    {
                        current = read(present);
                        text = present;
                    }
                }
                catch (Exception e) when (IsUnreadable(e))
                {
                    // Half-written: the next minute tries again.
                }
            }

            return current;
        }
    }

    /// <summary>True for what a file that is not there, not allowed or not right throws.</summary>
    internal static bool IsUnreadable(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or FormatException;
}
