using Exchange.Catalog.Governance;

namespace Exchange.Catalog;

/// <summary>Decides which agreements are published. Who may is asked before.</summary>
public static class AgreementRules
{
    /// <summary>Most agreements of a department.</summary>
    public const int MostAgreements = 100;

    /// <summary>Most versions of an agreement.</summary>
    public const int MostVersions = 100;

    private const int LongestTitle = 200;
    private const int LongestText = 50_000;
    private const int LongestTermText = 500;
    private const int MostTerms = 100;
    private const int LongestTermDays = 1_000;

    /// <summary>Publishes an agreement or its next version; the same again changes nothing.</summary>
    public static Result<GovernanceDecision<Agreement>> Publish(GovernanceState state, Agreement agreement, string etag, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(agreement);
        ArgumentNullException.ThrowIfNull(etag);
        if (!state.Departments.ContainsKey(agreement.Id.Department.ToString()))
        {
            return new Refusal(RefusalReason.DepartmentNotFound, $"there is no department `{agreement.Id.Department}`")
            {
                Metadata = new Dictionary<string, string> { ["department"] = agreement.Id.Department.ToString() },
            };
        }

        var violations = Check(agreement);
        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var versions = state.Agreements.GetValueOrDefault(agreement.Id.ToString(), []);
        var current = versions is [] ? null : versions[^1];
        if (current is not null && agreement with { Version = current.Version, PublishTime = current.PublishTime } == current)
        {
            return new GovernanceDecision<Agreement>(current, null);
        }

        if (etag.Length > 0 && etag != (current?.Etag ?? ""))
        {
            return new Refusal(RefusalReason.StaleEtag, $"agreement `{agreement.Id}` has a newer version: read it again and retry")
            {
                Metadata = new Dictionary<string, string> { ["agreement"] = agreement.Id.ToString() },
            };
        }

        var isFull = current is null
            ? state.Agreements.Keys.Count(key => key.StartsWith($"{agreement.Id.Department}/", StringComparison.Ordinal)) >= MostAgreements
            : current.Version >= MostVersions;
        if (isFull)
        {
            return new Refusal(RefusalReason.AgreementLimit, $"a department has at most {MostAgreements} agreements of {MostVersions} versions: publish a version of another")
            {
                Metadata = new Dictionary<string, string> { ["department"] = agreement.Id.Department.ToString() },
            };
        }

        var next = agreement with { Version = (current?.Version ?? 0) + 1, PublishTime = now };
        return new GovernanceDecision<Agreement>(next, new GovernanceEvent.AgreementPublished(next));
    }

    /// <summary>An agreement in a version, or for 0 in its current one.</summary>
    public static Result<Agreement> Find(GovernanceState state, AgreementId id, int version)
    {
        ArgumentNullException.ThrowIfNull(state);
        var versions = state.Agreements.GetValueOrDefault(id.ToString(), []);
        return version >= 0 && versions is not [] && version <= versions.Length
            ? versions[version is 0 ? ^1 : version - 1]
            : new Refusal(RefusalReason.AgreementNotFound, $"there is no agreement `{id}`{(version is 0 ? "" : $" in version {version}")}: list those of `{id.Department}`")
            {
                Metadata = new Dictionary<string, string> { ["agreement"] = id.ToString(), ["version"] = $"{version}" },
            };
    }

    private static List<FieldViolation> Check(Agreement agreement)
    {
        List<FieldViolation> violations = [];
        if (!AgreementId.IsValid(agreement.Id.Value))
        {
            violations.Add(new("agreement.name", "INVALID_ID", "must be `departments/{department}/agreements/{agreement}` with an id of 2 to 40 of `a-z 0-9 -`, starting with a letter"));
        }

        if (!Syntax.IsLabel(agreement.Title, 1, LongestTitle) || string.IsNullOrWhiteSpace(agreement.Title))
        {
            violations.Add(new("agreement.title", "INVALID_TEXT", $"give 1 to {LongestTitle} characters without control characters"));
        }

        if (string.IsNullOrWhiteSpace(agreement.Text) || agreement.Text.Length > LongestText || agreement.Text.Contains('\0', StringComparison.Ordinal))
        {
            violations.Add(new("agreement.text", "INVALID_TEXT", $"give the text that both sides accept, 1 to {LongestText} characters"));
        }

        if (agreement.Terms.Count > MostTerms)
        {
            violations.Add(new("agreement.terms", "COUNT", $"give at most {MostTerms} terms"));
            return violations;
        }

        foreach (var (index, term) in agreement.Terms.Index())
        {
            CheckTerm($"agreement.terms[{index}]", term, violations);
        }

        return violations;
    }

    private static void CheckTerm(string path, AgreementTerm term, List<FieldViolation> violations)
    {
        if (!Enum.IsDefined(term.Kind) || term.Kind is TermKind.Unspecified)
        {
            violations.Add(new($"{path}.kind", "REQUIRED", "give RIGHT, RESPONSIBILITY or OBLIGATION"));
        }

        if (!Enum.IsDefined(term.Party) || term.Party is TermParty.Unspecified)
        {
            violations.Add(new($"{path}.party", "REQUIRED", "give OWNER or READER"));
        }

        if (!Enum.IsDefined(term.Duty) || term.Duty is TermDuty.Unspecified)
        {
            violations.Add(new($"{path}.duty", "REQUIRED", "give what the term is about"));
        }

        if (term.WithinDays is < 0 or > LongestTermDays)
        {
            violations.Add(new($"{path}.within_days", "OUT_OF_RANGE", $"must be 1 to {LongestTermDays} working days, or 0"));
        }

        if (!Syntax.IsLabel(term.Text, term.Duty is TermDuty.Other ? 1 : 0, LongestTermText))
        {
            violations.Add(new($"{path}.text", "INVALID_TEXT", $"give at most {LongestTermText} characters without control characters; OTHER needs some"));
        }
    }
}
