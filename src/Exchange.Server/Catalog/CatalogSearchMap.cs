using System.Collections.Immutable;
using System.Globalization;
using Exchange.Catalog;
using Exchange.Catalog.Governance;
using Exchange.Catalog.Search;
using Exchange.Server.Catalog.Quality;
using Exchange.Server.Departments;
using Exchange.Server.Governance;
using Google.Protobuf.WellKnownTypes;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Catalog;

/// <summary>Turns questions to the one window into queries, and what was found into messages.</summary>
internal static class CatalogSearchMap
{
    private const int LongestQuery = 200;
    private const int MostTerms = 8;
    private const int MostValues = 100;
    private const int LongestAbstract = 300;
    private const int MostCounts = 100;

    /// <summary>The query of a request, or all that is wrong with it.</summary>
    public static Result<CatalogQuery> ToQuery(this Proto.SearchCatalogRequest request, Caller caller)
    {
        var asked = Paging.Read(request.PageSize, request.PageToken);
        if (asked.IsRefused)
        {
            return asked.Refusal;
        }

        var (size, token) = asked.Value;
        CatalogHit? after = null;
        if (token is not null)
        {
            if (token.Split(' ') is not [var score, var id] || !int.TryParse(score, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
            {
                return Paging.ForeignToken;
            }

            after = new CatalogHit(read, new ResourceId(id));
        }

        List<FieldViolation> violations = [];
        if (request.Query.Length > LongestQuery)
        {
            violations.Add(new("query", "TOO_LONG", $"must be at most {LongestQuery} characters"));
        }

        if (SearchPhrase.Parse(request.Query.Length > LongestQuery ? "" : request.Query).Terms.Length > MostTerms)
        {
            violations.Add(new("query", "TOO_MANY", $"at most {MostTerms} words"));
        }

        if (request.Facets.Count > MostValues)
        {
            violations.Add(new("facets", "TOO_MANY", $"at most {MostValues} values"));
        }

        var values = ImmutableArray.CreateBuilder<(CatalogFacet, string)>();
        foreach (var (index, facet) in request.Facets.Index().Take(MostValues))
        {
            if (ValueOf(facet) is { } value)
            {
                values.Add(((CatalogFacet)facet.Facet, value));
            }
            else
            {
                violations.Add(new($"facets[{index}]", "UNKNOWN_VALUE", "give one of the facets with a value in its form, such as OWNER `departments/housing` or LEVEL `3`"));
            }
        }

        return violations.Count > 0
            ? Refusal.Invalid(violations)
            : new CatalogQuery
            {
                Text = request.Query,
                Values = values.ToImmutable(),
                DraftsOf = caller.Role is Role.Steward ? caller.Department : null,
                AllDrafts = caller.Role is Role.Operator,
                Size = size,
                After = after,
            };
    }

    /// <summary>What was found as a message, with what was measured of it.</summary>
    public static Proto.SearchCatalogResponse ToProto(
        this CatalogFindings findings, GovernanceState state, IReadOnlyDictionary<ResourceId, MeasuredResource> measured, DateTimeOffset now) => new()
    {
        Resources = { findings.Hits.Select(hit => ToProto(state, hit.Resource, measured.GetValueOrDefault(hit.Resource), now)) },
        NextPageToken = findings.HasMore ? Paging.TokenAfter(string.Create(CultureInfo.InvariantCulture, $"{findings.Hits[^1].Score} {findings.Hits[^1].Resource}")) : "",
        TotalCount = findings.Total,
        Facets = { findings.Facets.GroupBy(facet => facet.Facet).SelectMany(facet => facet.Take(MostCounts)).Select(facet => ToProto(state, facet)) },
    };

    private static Proto.FoundResource ToProto(GovernanceState state, ResourceId id, MeasuredResource? measured, DateTimeOffset now)
    {
        var draft = state.Resources.ContainsKey(id.Value) ? null : state.Drafts[id.Value];
        var resource = draft?.Content.Preview() ?? state.Resources[id.Value];
        return new Proto.FoundResource
        {
            Name = ResourceMap.NameOf(id),
            DisplayName = resource.DisplayName,
            DisplayNameZh = resource.DisplayNameZh,
            Abstract = Short(resource.Abstract),
            Department = DepartmentMap.NameOf(resource.Department),
            Category = resource.Category is { } category ? CategoryMap.NameOf(category) : "",
            Code = resource.Description.Code?.Value ?? "",
            UpdateCycle = (Proto.UpdateCycle)resource.UpdateCycle,
            PublishTime = draft is null ? Timestamp.FromDateTimeOffset(resource.PublishTime) : null,
            State = (Proto.ResourceState)(draft?.State ?? state.StateOf(id)),
            FieldCount = resource.Fields.Count(field => !field.Retired),
            SharingMode = (Proto.SharingMode)resource.Description.SharingMode,
            Score = measured?.Score,
            Staleness = measured?.StalenessOf(state, now).ToProto(),
        };
    }

    private static Proto.FacetCount ToProto(GovernanceState state, (CatalogFacet Facet, string Value, int Count) facet)
    {
        var message = new Proto.FacetCount { Facet = (Proto.Facet)facet.Facet, Count = facet.Count };
        switch (facet.Facet)
        {
            case CatalogFacet.Owner:
                var department = state.Departments.GetValueOrDefault(facet.Value);
                (message.Value, message.DisplayName, message.DisplayNameZh) = (
                    DepartmentMap.NameOf(new DepartmentId(facet.Value)), department?.DisplayName ?? "", department?.DisplayNameZh ?? "");
                break;
            case CatalogFacet.Category:
                var category = state.Categories.GetValueOrDefault(facet.Value);
                (message.Value, message.DisplayName, message.DisplayNameZh) = (
                    CategoryMap.NameOf(new CategoryCode(facet.Value)), category?.DisplayName ?? "", category?.DisplayNameZh ?? "");
                break;
            case CatalogFacet.SharingClass:
                message.Value = Word<SharingClass>(facet.Value);
                break;
            case CatalogFacet.OpenClass:
                message.Value = Word<OpenClass>(facet.Value);
                break;
            case CatalogFacet.UpdateCycle:
                message.Value = Word<UpdateCycle>(facet.Value);
                break;
            default:
                message.Value = facet.Value;
                break;
        }

        return message;
    }

    private static string Short(string text) =>
        text.Length <= LongestAbstract ? text : $"{text[..(char.IsHighSurrogate(text[LongestAbstract - 1]) ? LongestAbstract - 1 : LongestAbstract)]}…";

    // Null when it is not in the facet's form.
    private static string? ValueOf(Proto.FacetValue facet) => facet.Facet switch
    {
        Proto.Facet.Owner => facet.Value.Split('/') is ["departments", { Length: > 0 } id] ? id : null,
        Proto.Facet.Category => facet.Value.Split('/') is ["categories", { Length: > 0 } code] ? code : null,
        Proto.Facet.Level => facet.Value is ['1' or '2' or '3' or '4'] ? facet.Value : null,
        Proto.Facet.SharingClass => NumberOf<SharingClass>(facet.Value),
        Proto.Facet.OpenClass => NumberOf<OpenClass>(facet.Value),
        Proto.Facet.UpdateCycle => NumberOf<UpdateCycle>(facet.Value),
        _ => null,
    };

    private static string? NumberOf<T>(string word)
        where T : struct, System.Enum =>
        System.Enum.GetValues<T>().Where(value => EnumWords.Of(value) == word).Select(value => System.Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)).FirstOrDefault();

    private static string Word<T>(string number)
        where T : struct, System.Enum => EnumWords.Of(System.Enum.Parse<T>(number));
}
