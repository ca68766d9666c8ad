namespace Exchange.EventStore.Embedded;

/// <summary>The private PostgreSQL cannot be started or stopped; the message says why and what to do.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <summary>Without a reason: only for serializers and tests.</summary>
    public EmbeddedPostgresException()
    {
    }

    /// <summary>With what is wrong and what to do about it.</summary>
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong, and the fault beneath it.</summary>
    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
