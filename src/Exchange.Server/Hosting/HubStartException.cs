namespace Exchange.Server.Hosting;

/// <summary>The hub cannot start. The message says what to do about it and stands alone: it is printed without a stack trace.</summary>
public sealed class HubStartException : Exception
{
    /// <summary>A start refused for a reason without a cause below it.</summary>
    public HubStartException(string message)
        : base(message)
    {
    }

    /// <summary>A start refused because of an error below.</summary>
    public HubStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Not used; exceptions have it by convention.</summary>
    public HubStartException()
    {
    }
}
