namespace Exchange.EventStore.Sealing;

/// <summary>The hub key file is missing, damaged or another store's.</summary>
public sealed class HubKeyException : Exception
{
    /// <summary>Says what is wrong and what to do.</summary>
    public HubKeyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
