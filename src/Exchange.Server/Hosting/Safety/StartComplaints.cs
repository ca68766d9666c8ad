using System.Diagnostics.CodeAnalysis;

namespace Exchange.Server.Hosting;

/// <summary>
/// Everything that speaks against a start, so that one refusal tells it all, a line for each; and what is unsafe, but accepted. Not for several threads.
/// </summary>
internal sealed class StartComplaints(IReadOnlySet<UnsafeSetting> accepted)
{
    private readonly List<string> lines = [];
    private readonly SortedSet<UnsafeSetting> refused = [];
    private readonly SortedSet<UnsafeSetting> found = [];

    /// <summary>False once there is one.</summary>
    public bool IsEmpty => lines.Count is 0;

    /// <summary>What is so and was accepted, as far as it was looked for.</summary>
    public UnsafeSettings Accepted => new([.. found]);

    /// <summary>Adds what cannot be accepted. The complaint says what to do about it.</summary>
    public void Add(string complaint)
    {
        var line = complaint.ReplaceLineEndings(" ");
        if (!lines.Contains(line))
        {
            lines.Add(line);
        }
    }

    /// <summary>Adds what is a complaint unless it was accepted. The complaint says what to do about it, but for accepting it.</summary>
    public void Add(UnsafeSetting setting, string complaint)
    {
        if (accepted.Contains(setting))
        {
            found.Add(setting);
            return;
        }

        refused.Add(setting);
        Add(complaint);
    }

    /// <summary>What is read; null when that cannot be done, which is a complaint.</summary>
    public T? Try<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (HubStartException e)
        {
            Add(e.Message);
            return null;
        }
    }

    /// <summary>Throws <see cref="HubStartException"/> with all complaints, unless there is none.</summary>
    public void ThrowIfAny()
    {
        if (lines.Count is 1)
        {
            Throw(refused.Count > 0 ? $"{lines[0]}, or start with {Accepting}" : lines[0]);
        }

        if (lines.Count > 1)
        {
            var last = refused.Count > 0 ? $"\nor accept what is unsafe among these with {Accepting}" : "";
            Throw($"{lines.Count} things speak against it:\n- {string.Join("\n- ", lines)}{last}");
        }
    }

    // With what was accepted before: the setting given anew takes the place of the old one.
    private string Accepting => $"--unsafe={new UnsafeSettings([.. accepted.Union(refused).Order()])}";

    [DoesNotReturn]
    private static void Throw(string message) => throw new HubStartException(message);
}
