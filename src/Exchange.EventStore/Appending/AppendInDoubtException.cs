namespace Exchange.EventStore.Appending;

/// <summary>The database went away during a commit and did not come back in time to be asked: stored once or never. A repeat with the same key tells.</summary>
public sealed class AppendInDoubtException : Exception
{
    /// <summary>Says what to do.</summary>
    public AppendInDoubtException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
