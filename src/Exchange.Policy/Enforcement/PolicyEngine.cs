using System.Collections.Immutable;
using Exchange.Policy.Language;
using Exchange.Policy.Matchers;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// Answers requests from a snapshot, which is swapped by one reference: a decision, and a batch, sees one snapshot whole. Keeps no
/// decisions. Safe for any number of threads.
/// </summary>
public sealed class PolicyEngine(PolicySnapshot snapshot)
{
    private volatile PolicySnapshot snapshot = snapshot;

    /// <summary>The snapshot that decides now. Setting it takes effect with the next decision.</summary>
    public PolicySnapshot Snapshot
    {
        get => snapshot;
        set => snapshot = value;
    }

    /// <summary>Whether the request is allowed. A matcher that fails denies.</summary>
    public bool Enforce(params ReadOnlySpan<PolicyValue> request) => snapshot.For(EnforceContext.Default).Decide(request, null).IsAllowed;

    /// <summary>Whether the request is allowed, by other definitions of the model than the first.</summary>
    public bool Enforce(EnforceContext context, params ReadOnlySpan<PolicyValue> request) => snapshot.For(context).Decide(request, null).IsAllowed;

    /// <summary>Whether the request is allowed, and which rules decided or what failed.</summary>
    public PolicyDecision EnforceEx(params ReadOnlySpan<PolicyValue> request) => EnforceEx(EnforceContext.Default, request);

    /// <summary>Whether the request is allowed by other definitions of the model than the first, and which rules decided or what failed.</summary>
    public PolicyDecision EnforceEx(EnforceContext context, params ReadOnlySpan<PolicyValue> request)
    {
        var matcher = snapshot.For(context);
        var combination = matcher.Decide(request, []);
        var deciding = combination.Deciding(matcher.Rules.Effects);
        return new(combination.IsAllowed, [.. deciding.Where(place => place >= 0 && place < matcher.Rules.Rules.Length).Select(place => matcher.Rules.Rules[place])], combination.Failure);
    }

    /// <summary>Every rule that matches the request, found by the index, and what failed. The model's effect is not asked.</summary>
    public PolicyMatches Matching(params ReadOnlySpan<PolicyValue> request)
    {
        var matcher = snapshot.For(EnforceContext.Default);
        var matched = new List<int>();
        var combination = matcher.Decide(request, matched);
        matched.Sort();
        var rules = ImmutableArray.CreateBuilder<PolicyRule>(matched.Count);
        foreach (var (index, place) in matched.Index())
        {
            if (place < matcher.Rules.Rules.Length && (index == 0 || place != matched[index - 1]))
            {
                rules.Add(matcher.Rules.Rules[place]);
            }
        }

        var failed = combination.FirstFailure;
        return new(rules.DrainToImmutable(), combination.AnyFailure, failed >= 0 && failed < matcher.Rules.Rules.Length ? matcher.Rules.Rules[failed] : null);
    }

    /// <summary>The answers to many requests, all by one snapshot.</summary>
    public bool[] BatchEnforce(IReadOnlyList<PolicyValue[]> requests) => BatchEnforce(EnforceContext.Default, requests);

    /// <summary>The answers to many requests by other definitions of the model than the first, all by one snapshot.</summary>
    public bool[] BatchEnforce(EnforceContext context, IReadOnlyList<PolicyValue[]> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var matcher = snapshot.For(context);
        var answers = new bool[requests.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = matcher.Decide(requests[i], null).IsAllowed;
        }

        return answers;
    }
}
