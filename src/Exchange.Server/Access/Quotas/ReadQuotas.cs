using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Server.Audit;
using Exchange.Server.Governance;
using Exchange.Server.Records.Reading;

namespace Exchange.Server.Access.Quotas;

/// <summary>The quotas of the grants that reads rely on.</summary>
internal sealed class ReadQuotas(GrantUses uses, OwnerNumbers numbers, GovernanceStore governance, TimeProvider time)
{
    /// <summary>Those of a read of some fields.</summary>
    /// <param name="plan">Under which plan.</param>
    /// <param name="fields">Places of the fields in the plan's resource.</param>
    /// <param name="owners">Who owns them record by record.</param>
    /// <param name="looked">Numbers of what the reader's filter and order look at.</param>
    public ReadQuota Of(ReadPlan plan, ImmutableArray<int> fields, RowOwners owners, IReadOnlyCollection<int> looked) => new(
        uses, numbers, governance, time, plan, later => GrantQuota.Of(later.Plan, plan.Plan.Resource, fields, owners, looked));

    /// <summary>Those of a read of one record.</summary>
    public ReadQuota Of(RecordView view) => new(uses, numbers, governance, time, view.Plan, _ => view.Quotas);

    /// <summary>Takes a record of them, once for each grant of an owner that it has or had; the refusal when one has no room.</summary>
    /// <param name="view">What is read.</param>
    /// <param name="rows">The record as it is, and as it was where that is shown.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="writers">Owners at other times, as those who wrote then.</param>
    public Task<Refusal?> TakeAsync<TRow>(RecordView view, IEnumerable<TRow> rows, CancellationToken cancellationToken, params IEnumerable<OwnerSet> writers)
        where TRow : IRow =>
        view.Quotas.IsEmpty
            ? Task.FromResult<Refusal?>(null)
            : Of(view).TryTakeAsync(
                1, [.. rows.Select(row => view.Owners.SetOf(row, _ => true, numbers)).Concat(writers).Distinct().Select(set => KeyValuePair.Create(set, 1))], cancellationToken);
}
