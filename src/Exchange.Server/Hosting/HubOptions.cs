using System.Net;
using Exchange.Catalog;
using Exchange.EventStore;
using Exchange.EventStore.Embedded;
using Exchange.Server.Governance;
using Exchange.Server.Grpc.Limits;
using Exchange.Server.Identity.External;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Exchange.Server.Hosting;

/// <summary>All settings of one hub node. Nothing needs to be set on a laptop; <see cref="HubConfiguration"/> says where settings come from.</summary>
public sealed record HubOptions
{
    /// <summary>Smallest <see cref="MemoryLimit"/>.</summary>
    public const int LeastMemory = 384;

    /// <summary>Largest <see cref="MemoryLimit"/>: 1 TiB.</summary>
    public const int MostMemory = 1 << 20;

    /// <summary>Longest <see cref="AccessTokenLifetime"/>: 10 minutes.</summary>
    public static readonly TimeSpan LongestAccessToken = TimeSpan.FromMinutes(10);

    /// <summary>Npgsql connection string of the database. Null: the hub runs a private PostgreSQL of its own.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>
    /// True on a database that is distributed by partition (Citus): an append's transaction never spans partitions, which there would take a two-phase
    /// commit. All nodes share it. Default false: fewer, larger transactions.
    /// </summary>
    public bool OnePartitionPerTransaction { get; init; }

    /// <summary>
    /// Folder of <c>hub.json</c>, of the key files and of the private PostgreSQL. Default: the folder of this checkout under
    /// <see cref="EmbeddedPostgresOptions.Root"/>. Only its owner may read the files in it.
    /// </summary>
    public string DataDirectory
    {
        get;
        init => field = Path.GetFullPath(value);
    } = EmbeddedPostgresOptions.DirectoryFor(EmbeddedPostgresOptions.Checkout);

    /// <summary>Where gRPC is served (HTTP/2 only). Scheme http or https, an IP address or localhost, port 0 for a free one. Default http://127.0.0.1:5400.</summary>
    public Uri GrpcAddress { get; init; } = new("http://127.0.0.1:5400");

    /// <summary>Where the token endpoint and web pages are served (HTTP/1.1 only). As <see cref="GrpcAddress"/>. Default http://127.0.0.1:5401.</summary>
    public Uri HttpAddress { get; init; } = new("http://127.0.0.1:5401");

    /// <summary>PEM file of the TLS certificate with its chain, for https addresses. Read again when it changes, at most every minute.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>PEM file of the TLS certificate's private key; may be the same file.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Whether the gRPC address asks for client certificates (mTLS). Default: no.</summary>
    public ClientCertificateMode GrpcClientCertificates { get; init; }

    /// <summary>Whether the HTTP address does, where the token endpoint is. Default: no.</summary>
    public ClientCertificateMode HttpClientCertificates { get; init; }

    /// <summary>PEM file of the authorities whose certificates prove clients by name (TLS_CLIENT_AUTH): roots and those between. Null: none does.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>PEM file of the authorities' revocation lists. Null: no certificate counts as revoked.</summary>
    public string? ClientCrlFile { get; init; }

    /// <summary>Addresses of proxies that end TLS for the hub and tell the client's certificate in header `client-cert`. Default none: nobody is believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>True for the address of a trusted proxy: behind it are many, whom limits by address would take for one.</summary>
    internal bool IsTrustedProxy(IPAddress? address) =>
        address is not null && TrustedProxies.Any(network => network.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <summary>
    /// PEM file of the EC P-256 key that a hub without signing keys begins with. Null: <c>signing-key.pem</c> in the data folder, where an older version
    /// left one; else the hub makes one. They are kept in the log, sealed under a key derived from the hub key.
    /// </summary>
    public string? SigningKeyFile { get; init; }

    /// <summary>How long a key signs access tokens until the hub takes another. Default 90 days; at least 1 hour, at most 3650 days.</summary>
    public TimeSpan SigningKeyPeriod
    {
        get;
        init => field = TimeSpan.FromTicks(Math.Clamp(value.Ticks, TimeSpan.TicksPerHour, 3650 * TimeSpan.TicksPerDay));
    } = TimeSpan.FromDays(90);

    /// <summary>
    /// File of the key that wraps the records' data keys and seals the signing keys: 32 bytes in base64. Nodes of one hub share it. Null: <c>hub-key</c> in the
    /// data folder, made at the first start.
    /// </summary>
    public string? HubKeyFile { get; init; }

    /// <summary>
    /// What access tokens name as their issuer, and the address clients find the token endpoint under. Several nodes must share one. Null:
    /// <see cref="HttpAddress"/> with the port it really has.
    /// </summary>
    public Uri? Issuer { get; init; }

    /// <summary>An issuer of access tokens beside the hub's own, with departments of its own. Null: there is none.</summary>
    public ExternalIssuerOptions? ExternalIssuer { get; init; }

    /// <summary>The audience of access tokens. Default <c>dataexchange</c>.</summary>
    public string Audience { get; init; } = "dataexchange";

    /// <summary>How long an access token lives. Default 10 minutes, which is the most; at least 1 second.</summary>
    public TimeSpan AccessTokenLifetime
    {
        get;
        init => field = TimeSpan.FromTicks(Math.Clamp(value.Ticks, TimeSpan.TicksPerSecond, LongestAccessToken.Ticks));
    } = LongestAccessToken;

    /// <summary>How long a user's session lives at most. Default 12 hours; at least 1 minute, at most 1 day. Nodes share it.</summary>
    public TimeSpan SessionLifetime
    {
        get;
        init => field = TimeSpan.FromTicks(Math.Clamp(value.Ticks, TimeSpan.TicksPerMinute, TimeSpan.TicksPerDay));
    } = TimeSpan.FromHours(12);

    /// <summary>How long a user's session lives without use. Default 30 minutes; at least 1 minute, at most 1 day. Nodes share it.</summary>
    public TimeSpan SessionIdle
    {
        get;
        init => field = TimeSpan.FromTicks(Math.Clamp(value.Ticks, TimeSpan.TicksPerMinute, TimeSpan.TicksPerDay));
    } = TimeSpan.FromMinutes(30);

    /// <summary>Deadline of unary calls that bring none. Default 30 seconds.</summary>
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Longest deadline of unary calls; one that brings a later one gets this. Default 1 hour, which clients ask for to verify the log and to index a large
    /// table; at least 1 second, at most 1 day.
    /// </summary>
    public TimeSpan LongestDeadline
    {
        get;
        init => field = TimeSpan.FromTicks(Math.Clamp(value.Ticks, TimeSpan.TicksPerSecond, TimeSpan.TicksPerDay));
    } = TimeSpan.FromHours(1);

    /// <summary>Rates and quotas of clients, departments and addresses. Default 10 000 calls a second from a client, 20 000 from a department or an address.</summary>
    public IReadOnlyList<LimitRule> Limits { get; init; } = LimitRules.Parse(LimitRules.Standard);

    /// <summary>Streams (push, pull, follow) that a client may have open on a node at a time. Default 1000.</summary>
    public int MostStreams { get; init; } = 1000;

    /// <summary>Connections that one address may have to a node at a time, before and after it has said who it is. Default 1000.</summary>
    public int MostConnectionsOfAddress { get; init; } = 1000;

    /// <summary>Connections to a node on which one client may call at a time. Default 200.</summary>
    public int MostConnectionsOfClient { get; init; } = 200;

    /// <summary>
    /// Calls that one address may reset in a second, within a second of their beginning and before any answer; beyond that its connection is closed and it
    /// gets no new one for 10 seconds. Default 100.
    /// </summary>
    public int MostResets { get; init; } = 100;

    /// <summary>
    /// Memory this node keeps to, in MiB, from 384 to 1 048 576: its heap gets all of it but 144, which code, stacks and native buffers take. Requests that are
    /// worked on may have a sixteenth, for each byte of one takes several of memory, and writes that wait an eighth; what comes beyond that is refused with
    /// RESOURCE_EXHAUSTED. Null: the heap has what the container or the machine has, and requests are bounded as with 1024. The heap's part counts
    /// for the hub as a program, not for nodes inside another one.
    /// </summary>
    public int? MemoryLimit { get; init; }

    /// <summary>Department of the first caller, registered on an empty store. Default <c>hub-operator</c>.</summary>
    public DepartmentId OperatorDepartment { get; init; } = new("hub-operator");

    /// <summary>The first caller, with the operator's role, registered on an empty store. Default <c>operator</c>.</summary>
    public ClientId OperatorClient { get; init; } = new("operator");

    /// <summary>
    /// File with the first caller's public keys as a JWK set. Null: the hub makes a key pair on an empty store and writes the private key to
    /// <c>operator-key.pem</c> in the data folder.
    /// </summary>
    public string? OperatorJwksFile { get; init; }

    /// <summary>Unsafe settings that the operator accepts; any other refuses the start.</summary>
    public IReadOnlySet<UnsafeSetting> Unsafe { get; init; } = new HashSet<UnsafeSetting>();

    /// <summary>Bytes that the heap may take; null when nothing bounds it.</summary>
    internal long? HeapBytes => MemoryLimit is { } mebibytes ? (mebibytes - 144) * (1L << 20) : null;

    /// <summary>Bytes of requests that may be worked on, see <see cref="Grpc.Room.RequestBudgets"/>.</summary>
    internal long RequestBytes => (MemoryLimit ?? 1024) * (1L << 20) / 16;

    /// <summary>Bytes of writes that may wait in all appenders together.</summary>
    internal long QueueBytes => 2 * RequestBytes;

    /// <summary>Free space where the database writes; null asks the volume of a private PostgreSQL. For tests.</summary>
    internal IDiskSpace? DiskSpace { get; init; }

    /// <summary>Frames of HTTP/2 without content (PING, SETTINGS, pieces of nothing) that a connection may send in a second. For tests.</summary>
    internal int MostFrames { get; init; } = 10_000;

    /// <summary>How long a unary call that has room may keep the node waiting for its message, beside the time it takes on a slow line. For tests.</summary>
    internal TimeSpan MessagePatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of everything the node does. For tests.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long the node decides on governance that it cannot confirm. For tests, on machines that stand still for seconds.</summary>
    internal TimeSpan GovernancePatience { get; init; } = GovernanceStore.Patience;
}
