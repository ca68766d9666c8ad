namespace Exchange.Server.Identity;

/// <summary>What an OAuth endpoint answers: an error, or a JSON object, or nothing but success.</summary>
internal sealed class OAuthAnswer
{
    private OAuthAnswer(OAuthError? error, IReadOnlyDictionary<string, object>? body) => (Error, Body) = (error, body);

    /// <summary>Success with nothing to tell.</summary>
    public static OAuthAnswer Empty { get; } = new(null, null);

    /// <summary>The error; null for success.</summary>
    public OAuthError? Error { get; }

    /// <summary>The object to send; null for none.</summary>
    public IReadOnlyDictionary<string, object>? Body { get; }

    /// <summary>Success with an object.</summary>
    public static OAuthAnswer Of(IReadOnlyDictionary<string, object> body) => new(null, body);

    /// <summary>An error.</summary>
    public static implicit operator OAuthAnswer(OAuthError error) => new(error, new Dictionary<string, object> { ["error"] = error.Code, ["error_description"] = error.Description });
}
