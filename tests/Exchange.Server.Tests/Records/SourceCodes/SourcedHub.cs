using Exchange.Protos.V1;
using Exchange.Server.Tests.Governance;
using Caller = Exchange.Catalog.Caller;
using static Exchange.Server.Tests.Governance.GovernanceHub;
using static Exchange.Server.Tests.Records.Push.Pushed;

namespace Exchange.Server.Tests.Records.SourceCodes;

/// <summary>
/// The invented city with a resource of coded fields, whose table was made by a hub that knew nothing of sources' codes: two cities that number the same
/// classes differently are mapped afterwards.
/// </summary>
public sealed class SourcedHub : IAsyncLifetime
{
    private static readonly string[] Coded = ["kind", "area", "cause", "doer", "place_hash"];

    internal CityHub City { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await City.InitializeAsync();
        await PublishAsync("kinds", ["noise", "water", "smoke"]);
        await PublishAsync("areas", ["3301", "3302"]);
        await CatalogOf(City.Hub.Operator).PublishResourceAsync(new PublishResourceRequest
        {
            Resource = new Resource
            {
                Name = "resources/sourced",
                DisplayName = "Sourced",
                Abstract = "What two cities number differently",
                Department = "departments/centre",
                Fields =
                {
                    Field("title", 1).With(field => field.Searchable = true),
                    CodeField("kind", 2, "kinds"),
                    CodeField("area", 3, "areas").With(field => field.DefaultMask = new Mask { Kind = MaskKind.ShowFirstN, Parameter = 2 }),
                    CodeField("cause", 4, "kinds").With(field => (field.Level, field.SharingClass) = (Level.Sensitive, SharingClass.Conditional)),
                    CodeField("doer", 5, "kinds").With(field => field.Role = FieldRole.Person),
                    Field("confidential", 6, FieldType.Boolean).With(field => field.Role = FieldRole.ConfidentialityFlag),
                    CodeField("place_hash", 7, "areas").With(field => field.DefaultMask = new Mask { Kind = MaskKind.HashKeyed }),
                },
            },
        });
        await PushAsync(["title", "kind"], Own("before", Text("before the mappings"), Code("noise")));
        foreach (var field in Coded)
        {
            await City.ExecuteAsync($"ALTER TABLE subject.sourced DROP COLUMN {field}$source");
        }

        await PublishAsync("kinds", ["noise", "water", "smoke"], ("city-a", "7", "noise"), ("city-a", "8", "water"), ("city-b", "7", "water"), ("city-b", "07", "noise"));
        await PublishAsync("areas", ["3301", "3302"], ("city-a", "north", "3301"), ("city-a", "upper", "3301"), ("city-a", "south", "3302"));
    }

    public ValueTask DisposeAsync() => City.DisposeAsync();

    internal static Field CodeField(string name, int number, string list) => Field(name, number, FieldType.Code).With(field => field.CodeList = $"codeLists/{list}");

    internal static Value Sourced(string codeSystem, string sourceCode, string? code = null)
    {
        var value = code is null ? new Value() : Code(code);
        (value.CodeSystem, value.SourceCode) = (codeSystem, sourceCode);
        return value;
    }

    /// <summary>A value as `code`, or with what its source has for it, `code @ code_system/source_code`.</summary>
    internal static string Shown(Value value) => (value.KindCase, value.SourceCode + value.CodeSystem) switch
    {
        (Value.KindOneofCase.None, "") => "",
        (Value.KindOneofCase.Code, "") => value.Code,
        (Value.KindOneofCase.Code, _) => $"{value.Code} @ {value.CodeSystem}/{value.SourceCode}",
        (Value.KindOneofCase.Text, "") => value.Text,
        (Value.KindOneofCase.Boolean, "") => $"{value.Boolean}",
        _ => $"odd {value}",
    };

    internal async Task<CodeList> PublishAsync(string list, string[] codes, params (string System, string Source, string Code)[] mappings) =>
        await CatalogOf(City.Hub.Operator).PublishCodeListAsync(new PublishCodeListRequest
        {
            CodeList = new CodeList
            {
                Name = $"codeLists/{list}",
                Codes = { codes.Select(code => new Protos.V1.Code { Code_ = code }) },
                Mappings = { mappings.Select(one => new CodeMapping { CodeSystem = one.System, SourceCode = one.Source, Code = one.Code }) },
            },
        });

    /// <summary>Pushes records of the centre's.</summary>
    internal async Task<IReadOnlyList<RecordResult>> PushAsync(string[] fields, params PushedRecord[] records)
    {
        var header = City.Header(Records.City.Centre, fields);
        header.Resource = "resources/sourced";
        return [.. (await City.PushAsync(Records.City.Centre, header, records)).Results];
    }

    internal async Task<string> OpenAsync(string sourceId, string[] fields, params Value[] values)
    {
        var result = (await PushAsync(["title", .. fields], Own(sourceId, [Text($"title of {sourceId}"), .. values])))[0];
        Assert.Equal(RecordOutcome.Accepted, result.Outcome);
        return result.RecordId;
    }

    internal async Task<Dictionary<string, string>> GetAsync(Caller caller, string id, Action<GetRecordRequest>? change = null)
    {
        var request = new GetRecordRequest { Name = $"resources/sourced/records/{id}", Purpose = Purpose.Regulation };
        change?.Invoke(request);
        var record = await City.RecordsOf(caller).GetRecordAsync(request);
        return record.Values.ToDictionary(value => value.Field, value => Shown(value.Value));
    }
}
