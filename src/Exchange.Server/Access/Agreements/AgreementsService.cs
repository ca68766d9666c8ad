using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Protos.V1;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Grpc.Core;
using Agreement = Exchange.Protos.V1.Agreement;

namespace Exchange.Server.Access.Agreements;

/// <summary>Keeps agreements: versioned texts with their terms.</summary>
internal sealed class AgreementsService(GovernanceCommands commands, GovernanceStore store) : Protos.V1.AgreementsService.AgreementsServiceBase
{
    /// <inheritdoc/>
    public override async Task<Agreement> PublishAgreement(PublishAgreementRequest request, ServerCallContext context)
    {
        var message = request.Agreement ?? new Agreement();
        var id = ResourceNames.Agreement("agreement.name", message.Name).OrThrow();
        GovernanceRoles.RequireKeeper(context.Caller, id.Department).OrThrow();
        var agreement = message.ToDomain(id);
        var published = await commands.ExecuteAsync(
            context.Caller, GovernanceStreams.Agreement(id), (state, now) => AgreementRules.Publish(state, agreement, request.Etag, now), context.CancellationToken);
        return published.OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<Agreement> GetAgreement(GetAgreementRequest request, ServerCallContext context)
    {
        var id = ResourceNames.Agreement("name", request.Name).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        return AgreementRules.Find(state, id, request.Version).OrThrow().ToProto();
    }

    /// <inheritdoc/>
    public override async Task<ListAgreementsResponse> ListAgreements(ListAgreementsRequest request, ServerCallContext context)
    {
        var department = ResourceNames.Department("parent", request.Parent).OrThrow();
        var state = (await store.ConfirmAsync(context.CancellationToken)).OrThrow();
        Lookup.Department(state, department).OrThrow();
        var current = state.Agreements
            .Where(agreement => agreement.Value[^1].Id.Department == department)
            .Select(agreement => KeyValuePair.Create(agreement.Key, agreement.Value[^1]));
        var (page, next) = Paging.Cut(current, request.PageSize, request.PageToken, agreement => agreement.ToProto().CalculateSize()).OrThrow();
        return new ListAgreementsResponse { Agreements = { page.Select(agreement => agreement.ToProto()) }, NextPageToken = next };
    }
}
