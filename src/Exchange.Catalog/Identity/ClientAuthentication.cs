namespace Exchange.Catalog;

/// <summary>How a client authenticates at the token endpoint; numbers as in the proto.</summary>
public enum ClientAuthentication
{
    /// <summary>Not given.</summary>
    Unspecified = 0,

    /// <summary>RFC 7523 assertion signed with the client's key, ES256 or PS256.</summary>
    PrivateKeyJwt = 1,

    /// <summary>A secret the hub makes and shows once; for trials.</summary>
    ClientSecret = 2,

    /// <summary>A TLS certificate of a trusted authority with the registered name (RFC 8705 section 2.1).</summary>
    Tls = 3,

    /// <summary>One of the registered TLS certificates, whoever issued them (RFC 8705 section 2.2).</summary>
    SelfSignedTls = 4,
}
