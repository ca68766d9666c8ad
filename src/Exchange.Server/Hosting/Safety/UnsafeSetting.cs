namespace Exchange.Server.Hosting;

/// <summary>A setting the hub refuses to start with unless <c>--unsafe</c> names it.</summary>
public enum UnsafeSetting
{
    /// <summary>An address other than loopback is served, or named as the issuer, without TLS: tokens and records can be read on the way.</summary>
    PlainHttp,

    /// <summary>PostgreSQL's <c>fsync</c> is off: a power cut loses or breaks data.</summary>
    Fsync,

    /// <summary>PostgreSQL's <c>full_page_writes</c> is off: a power cut breaks pages.</summary>
    FullPageWrites,

    /// <summary>PostgreSQL's <c>synchronous_commit</c> is off: a crash loses what was acknowledged.</summary>
    SynchronousCommit,

    /// <summary>PostgreSQL's data checksums are off: bit rot is served as truth.</summary>
    DataChecksums,

    /// <summary>Others than its owner may read a key file.</summary>
    KeyPermissions,
}
