namespace Exchange.Clients.Identity;

/// <summary>A token, and from when on a new one is taken instead: some time before it expires.</summary>
internal sealed record AccessToken(string Text, DateTimeOffset RenewTime);
