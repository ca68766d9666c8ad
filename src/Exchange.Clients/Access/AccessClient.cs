using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Access;

/// <summary>Agreements, grants and access plans.</summary>
public sealed class AccessClient
{
    private readonly HubConnection _hub;
    private readonly AccessService.AccessServiceClient _service;
    private readonly AgreementsService.AgreementsServiceClient _agreements;

    internal AccessClient(HubConnection hub)
    {
        _hub = hub;
        _service = new AccessService.AccessServiceClient(hub.Invoker);
        _agreements = new AgreementsService.AgreementsServiceClient(hub.Invoker);
    }

    /// <summary>Offers a grant of an owner (`departments/{department}`) under one of its agreements; the request id makes a repeated call one grant.</summary>
    public Task<Grant> CreateGrantAsync(string owner, Grant grant, Guid requestId, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.CreateGrantAsync, new CreateGrantRequest { Parent = owner, Grant = grant, RequestId = requestId.ToString() }, true, cancellationToken);

    /// <summary>Accepts the agreement of an offered grant for its reader, in the version that was read.</summary>
    public Task<Grant> AcceptGrantAsync(string name, int agreementVersion, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.AcceptGrantAsync, new AcceptGrantRequest { Name = name, AgreementVersion = agreementVersion }, true, cancellationToken);

    /// <summary>Does without an offered grant.</summary>
    public Task<Grant> DeclineGrantAsync(string name, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.DeclineGrantAsync, new DeclineGrantRequest { Name = name, Reason = reason }, false, cancellationToken);

    /// <summary>Revokes a grant, by its name `departments/{department}/grants/{grant}`.</summary>
    public Task<Grant> RevokeGrantAsync(string name, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RevokeGrantAsync, new RevokeGrantRequest { Name = name, Reason = reason }, true, cancellationToken);

    /// <summary>Asks for a grant's renewal.</summary>
    public Task<Grant> RequestGrantRenewalAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.RequestGrantRenewalAsync, new RequestGrantRenewalRequest { Name = name }, true, cancellationToken);

    /// <summary>Renews a grant as its reader asks, or declines with a reason.</summary>
    public Task<Grant> ReviewGrantRenewalAsync(string name, ReviewVerdict verdict, string reason, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.ReviewGrantRenewalAsync, new ReviewGrantRenewalRequest { Name = name, Verdict = verdict, Reason = reason }, false, cancellationToken);

    /// <summary>The grants a department gave, or received.</summary>
    public IAsyncEnumerable<Grant> ListGrantsAsync(string department, bool received, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(
            _service.ListGrantsAsync, new ListGrantsRequest { Parent = department, Received = received, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Grants,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Publishes an agreement or its next version.</summary>
    public Task<Agreement> PublishAgreementAsync(Agreement agreement, CancellationToken cancellationToken) =>
        _hub.CallAsync(_agreements.PublishAgreementAsync, new PublishAgreementRequest { Agreement = agreement }, true, cancellationToken);

    /// <summary>An agreement by its name `departments/{department}/agreements/{agreement}`; version 0 is the current one.</summary>
    public Task<Agreement> GetAgreementAsync(string name, int version, CancellationToken cancellationToken) =>
        _hub.CallAsync(_agreements.GetAgreementAsync, new GetAgreementRequest { Name = name, Version = version }, true, cancellationToken);

    /// <summary>The agreements of a department (`departments/{department}`).</summary>
    public IAsyncEnumerable<Agreement> ListAgreementsAsync(string department, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_agreements.ListAgreementsAsync, new ListAgreementsRequest { Parent = department, PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Agreements,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>What the caller may read of a resource (`resources/{resource}`) for a purpose, and why.</summary>
    public Task<AccessPlan> GetAccessPlanAsync(string resource, Purpose purpose, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetAccessPlanAsync, new GetAccessPlanRequest { Resource = resource, Purpose = purpose }, true, cancellationToken);
}
