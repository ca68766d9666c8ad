using System.Collections.Immutable;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Policy.Conditions;
using Exchange.Server.Governance;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Catalog.CodeLists;

/// <summary>
/// Publishes code lists: before the first event with mappings the subject tables get the columns of sources' codes, so that nobody ever writes a value whose
/// source's code has no place.
/// </summary>
internal sealed class CodeListPublishing(GovernanceCommands commands, GovernanceStore store, SubjectTables tables, TimeProvider time)
{
    /// <summary>Bytes of a list with mappings at most: it must fit into an answer.</summary>
    public const int MostBytes = 3 * 1024 * 1024;

    /// <summary>Publishes a version. What cannot be published adds no column; null mappings keep those that are there.</summary>
    public async Task<Result<CodeList>> PublishAsync(
        Caller caller, CodeListId id, ImmutableArray<CodeEntry> codes, ImmutableArray<SourcedCode>? mappings, CancellationToken cancellationToken)
    {
        if (mappings is { IsEmpty: false })
        {
            var state = await store.ReadNewestAsync(cancellationToken);
            if (state.IsRefused)
            {
                return state.Refusal;
            }

            if (Decide(state.Value, time.GetUtcNow()) is { IsRefused: true } refused)
            {
                return refused.Refusal;
            }

            foreach (var resource in state.Value.Resources.Values.Where(resource => resource.Description.IsMounted && resource.Fields.Any(field => IsUnsourced(resource, field))))
            {
                await tables.EnsureSourcesAsync(resource, cancellationToken);
            }
        }

        return await commands.ExecuteAsync(caller, GovernanceStreams.CodeList(id), Decide, cancellationToken);

        Result<GovernanceDecision<CodeList>> Decide(GovernanceState state, DateTimeOffset now) => Bound(CodeListRules.Publish(state, id, codes, mappings));

        bool IsUnsourced(ResourceDefinition resource, FieldDefinition field) => field.CodeList == id && !resource.SourcedFields.Contains(field.Number);
    }

    // Lists without mappings had no such bound when they were published.
    private static Result<GovernanceDecision<CodeList>> Bound(Result<GovernanceDecision<CodeList>> decision) =>
        decision is { IsRefused: false, Value.Value: { Mappings.IsEmpty: false } list } && list.ToProto().CalculateSize() is var size and > MostBytes
            ? Refusal.Invalid("code_list", "TOO_LARGE", $"is of {size} bytes with its mappings and must be of at most {MostBytes}: shorten its texts, or map fewer codes")
            : decision;
}
