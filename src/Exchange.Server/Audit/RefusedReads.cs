using Exchange.Catalog;
using Exchange.Server.Governance;

namespace Exchange.Server.Audit;

/// <summary>Audits reads that were refused before anything was read, from the request as it came: only names that exist are kept.</summary>
internal sealed class RefusedReads(IReadAudit audit, GovernanceStore governance)
{
    /// <summary>Writes the refusal. It stands whether or not that succeeds.</summary>
    /// <param name="caller">Who was refused.</param>
    /// <param name="action">One of <see cref="ReadActions"/>.</param>
    /// <param name="name">The name in the request, `resources/{resource}` with anything behind.</param>
    /// <param name="purpose">The purpose of the request.</param>
    /// <param name="fields">The fields of the request.</param>
    /// <param name="refusal">Why it is refused.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task WriteAsync(
        Caller caller, string action, string name, Purpose purpose, IEnumerable<string> fields, Refusal refusal, CancellationToken cancellationToken)
    {
        // A node that does not know the newest policies, or cannot write at all, has no business in the trail.
        if (refusal.Reason.Kind is RefusalKind.Unavailable)
        {
            return Task.CompletedTask;
        }

        var state = governance.Current;
        var resource = name.Split('/') is ["resources", var id, ..] ? state.LastResource(new ResourceId(id)) : null;
        var intent = new ReadIntent
        {
            Caller = caller,
            Action = action,
            Resource = resource?.Id.Value ?? "",
            Purpose = purpose,
            Fields = resource is null ? [] : [.. fields.Where(field => resource.IndexOf(field) >= 0).Distinct().Take(resource.Fields.Length)],
            GovernancePosition = state.Position,
        };
        return audit.RefusedAsync(intent, refusal.Reason, cancellationToken);
    }
}
