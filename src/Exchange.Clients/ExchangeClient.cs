using Exchange.Clients.Access;
using Exchange.Clients.Audit;
using Exchange.Clients.Catalog;
using Exchange.Clients.Departments;
using Exchange.Clients.Feed;
using Exchange.Clients.Hub;
using Exchange.Clients.Identity;
using Exchange.Clients.Inbox;
using Exchange.Clients.Policies;
using Exchange.Clients.Records;
using Exchange.Clients.Settings;

namespace Exchange.Clients;

/// <summary>
/// One department's client of a hub. Takes care of tokens, repeats what is safe to repeat, and throws
/// <see cref="ExchangeException"/> for refusals. Safe for many threads; keep one for as long as the program runs.
/// </summary>
public sealed class ExchangeClient : IAsyncDisposable
{
    private readonly HubConnection _connection;

    /// <summary>Makes a client; nothing is sent before the first call.</summary>
    public ExchangeClient(ExchangeClientOptions options)
    {
        _connection = new HubConnection(options);
        Departments = new DepartmentsClient(_connection);
        Identity = new IdentityClient(_connection);
        Catalog = new CatalogClient(_connection);
        Drafts = new ResourceDraftsClient(_connection);
        Records = new RecordsClient(_connection);
        Proposals = new ProposalsClient(_connection);
        Feed = new FeedClient(_connection);
        Access = new AccessClient(_connection);
        Requests = new AccessRequestsClient(_connection);
        Inbox = new InboxClient(_connection);
        PendingChanges = new PendingChangesClient(_connection);
        Settings = new SettingsClient(_connection);
        Policies = new PolicyClient(_connection);
        Audit = new AuditClient(_connection);
    }

    /// <summary>Departments.</summary>
    public DepartmentsClient Departments { get; }

    /// <summary>Clients and users of departments.</summary>
    public IdentityClient Identity { get; }

    /// <summary>Categories, code lists, resources, sharing lists.</summary>
    public CatalogClient Catalog { get; }

    /// <summary>Drafts of resources and their reviews.</summary>
    public ResourceDraftsClient Drafts { get; }

    /// <summary>Push, pull, get, history.</summary>
    public RecordsClient Records { get; }

    /// <summary>Proposals and disputes, and their decisions.</summary>
    public ProposalsClient Proposals { get; }

    /// <summary>Follow.</summary>
    public FeedClient Feed { get; }

    /// <summary>Agreements, grants and access plans.</summary>
    public AccessClient Access { get; }

    /// <summary>Access requests and their reviews.</summary>
    public AccessRequestsClient Requests { get; }

    /// <summary>What the department is told of its requests and grants.</summary>
    public InboxClient Inbox { get; }

    /// <summary>Changes that wait for a second steward.</summary>
    public PendingChangesClient PendingChanges { get; }

    /// <summary>The hub's settings.</summary>
    public SettingsClient Settings { get; }

    /// <summary>Policy rows, explained, tried out and checked.</summary>
    public PolicyClient Policies { get; }

    /// <summary>Audit trail and log.</summary>
    public AuditClient Audit { get; }

    /// <summary>The client's access tokens, for calls made without this library.</summary>
    public AccessTokenSource Tokens => _connection.Tokens;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
