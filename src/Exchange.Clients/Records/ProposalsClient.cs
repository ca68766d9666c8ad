using Exchange.Clients.Hub;
using Exchange.Protos.V1;

namespace Exchange.Clients.Records;

/// <summary>Proposals and disputes (校核): made with a push of `unowned_fields` PROPOSE or here, and decided here.</summary>
public sealed class ProposalsClient
{
    private readonly HubConnection _hub;
    private readonly ProposalsService.ProposalsServiceClient _service;

    internal ProposalsClient(HubConnection hub)
    {
        _hub = hub;
        _service = new ProposalsService.ProposalsServiceClient(hub.Invoker);
    }

    /// <summary>Disputes a value that was read. Safe to repeat: the request id names it.</summary>
    public Task<Proposal> DisputeAsync(DisputeValueRequest request, CancellationToken cancellationToken) => _hub.CallAsync(_service.DisputeValueAsync, request, true, cancellationToken);

    /// <summary>One proposal with its values: a read, which is audited.</summary>
    public Task<Proposal> GetAsync(string name, Purpose purpose, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.GetProposalAsync, new GetProposalRequest { Name = name, Purpose = purpose }, true, cancellationToken);

    /// <summary>Proposals of a department (`departments/{department}`) without their values, those that lapse first before the others.</summary>
    public IAsyncEnumerable<Proposal> ListAsync(ListProposalsRequest request, CancellationToken cancellationToken) => Pages.AllAsync(
        token => _hub.CallAsync(_service.ListProposalsAsync, new ListProposalsRequest(request) { PageSize = 500, PageToken = token }, true, cancellationToken),
        page => page.Proposals,
        page => page.NextPageToken,
        cancellationToken);

    /// <summary>Accepts or declines. Safe to repeat: the same decision again changes nothing.</summary>
    public Task<Proposal> ReviewAsync(ReviewProposalRequest request, CancellationToken cancellationToken) => _hub.CallAsync(_service.ReviewProposalAsync, request, true, cancellationToken);

    /// <summary>Takes a proposal back. Safe to repeat.</summary>
    public Task<Proposal> WithdrawAsync(string name, CancellationToken cancellationToken) =>
        _hub.CallAsync(_service.WithdrawProposalAsync, new WithdrawProposalRequest { Name = name }, true, cancellationToken);
}
