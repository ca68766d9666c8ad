namespace Exchange.Catalog;

/// <summary>A public key that proves a client's assertions, checked.</summary>
/// <param name="Id">Its <c>kid</c>; null when it names none.</param>
/// <param name="Algorithm">The one JWS algorithm it is for (RFC 7518): <see cref="PublicKeySet.Es256"/> or <see cref="PublicKeySet.Ps256"/>.</param>
/// <param name="Jwk">The key as a JWK (RFC 7517).</param>
public sealed record PublicKey(string? Id, string Algorithm, string Jwk);
