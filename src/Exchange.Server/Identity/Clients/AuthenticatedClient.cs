using Exchange.Catalog;

namespace Exchange.Server.Identity;

/// <summary>A client that proved who it is.</summary>
/// <param name="Registration">The client as registered.</param>
/// <param name="Credential">What it proved it with, see <see cref="ClientCredentials"/>.</param>
/// <param name="Certificate">Thumbprint of the TLS certificate that its tokens are bound to; null when they are bound to none.</param>
internal sealed record AuthenticatedClient(ClientRegistration Registration, string Credential, string? Certificate = null);
