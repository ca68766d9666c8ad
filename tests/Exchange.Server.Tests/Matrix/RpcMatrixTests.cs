using System.Text;
using Exchange.Server.Tests.Faults.Messages;
using Google.Protobuf;
using Grpc.Core;

namespace Exchange.Server.Tests.Matrix;

/// <summary>
/// Every RPC × caller × relation to the data. Health needs no token and shows no data, reflection shows these same protos to every member: both have tests of
/// their own in `Grpc`. There is no researcher among the callers, for the hub has no such role yet.
/// </summary>
public sealed class RpcMatrixTests(MatrixCity city) : IClassFixture<MatrixCity>
{
    private static readonly MatrixRow[] Rows = [.. CatalogRows.All, .. AccessRows.All, .. RecordRows.All, .. IdentityRows.All];

    /// <summary>Row numbers with what they are about.</summary>
    public static TheoryData<int, string> EveryRow => [.. Rows.Select((row, index) => (index, row.ToString()))];

    private static IEnumerable<string> Rpcs => RawCall.Methods
        .Where(method => method.Service.File.Package == "exchange.v1")
        .Select(method => $"{method.Service.Name}.{method.Name}");

    [Theory]
    [MemberData(nameof(EveryRow))]
    public async Task Every_caller_gets_what_its_role_and_relation_allow(int index, string about)
    {
        var row = Rows[index];
        var wrong = new List<string>();
        foreach (var (caller, code) in city.Callers.Zip(row.Codes))
        {
            var answer = TextOf(await SendAsync(row, row.Request, caller.Invoker));
            if (answer != MatrixRow.Meaning(code))
            {
                wrong.Add($"{caller.Name} gets {answer}, not {MatrixRow.Meaning(code)}");
            }
        }

        Assert.True(wrong.Count is 0, $"{row}\n{string.Join('\n', wrong)}");
        Assert.Equal(row.ToString(), about);
    }

    [Theory]
    [MemberData(nameof(EveryRow))]
    public async Task Whoever_does_not_prove_who_it_is_gets_the_same_answer_everywhere(int index, string about)
    {
        var row = Rows[index];

        Assert.Equal(("Unauthenticated TOKEN_MISSING", about), (TextOf(await SendAsync(row, row.Request, city.Anonymous)), row.ToString()));
        Assert.Equal("Unauthenticated CLIENT_DISABLED", TextOf(await SendAsync(row, row.Request, city.Disabled)));
    }

    [Theory]
    [MemberData(nameof(EveryRow))]
    public async Task A_person_gets_what_a_machine_of_its_role_and_department_gets(int index, string about)
    {
        var row = Rows[index];
        foreach (var (name, invoker) in city.People)
        {
            if (row.Rpc is "IdentityService.RotateSigningKey" && row.Codes[0] is "OK" && name is "operator")
            {
                continue; // done once it is under way, and a machine does it in this row
            }

            var code = row.Codes[city.Callers.Select(caller => caller.Name).ToList().IndexOf(name)];
            Assert.Equal($"{about} {name} {MatrixRow.Meaning(code)}", $"{row} {name} {TextOf(await SendAsync(row, row.Request, invoker))}");
        }
    }

    [Fact]
    public async Task What_is_hidden_and_what_is_absent_are_answered_alike()
    {
        var compared = 0;
        foreach (var row in Rows.Where(row => row.Absent is not null))
        {
            foreach (var (caller, _) in city.Callers.Zip(row.Codes).Where(pair => pair.Second.StartsWith("NO_", StringComparison.Ordinal) || pair.First.Name.EndsWith("stranger", StringComparison.Ordinal)))
            {
                var hidden = await SendAsync(row, row.Request, caller.Invoker);
                var absent = await SendAsync(row, row.Absent!, caller.Invoker);
                Assert.Equal($"{row} {caller.Name} {BytesOf(absent!)}", $"{row} {caller.Name} {city.AsAbsent(BytesOf(hidden!))}");
                compared++;
            }
        }

        Assert.True(compared > 20, $"only {compared} answers were compared");
    }

    [Fact]
    public void An_RPC_without_a_row_fails_the_build() => Assert.Empty(Rpcs.Except(Rows.Select(row => row.Rpc)));

    [Fact]
    public void A_row_that_is_taken_away_is_missed() =>
        Assert.All(Rows.Select(row => row.Rpc).Distinct(), rpc => Assert.Equal([rpc], Rpcs.Except(Rows.Where(row => row.Rpc != rpc).Select(row => row.Rpc))));

    [Fact]
    public void A_row_names_an_RPC_that_exists_and_has_a_code_for_every_caller()
    {
        Assert.Empty(Rows.Select(row => row.Rpc).Except(Rpcs));
        Assert.All(Rows, row => Assert.True(row.Codes.Length == MatrixCity.CallerCount, $"{row} has {row.Codes.Length} codes"));
    }

    private Task<RpcException?> SendAsync(MatrixRow row, Func<MatrixCity, IMessage> request, CallInvoker invoker) => RawCall.SendAsync(
        invoker, RawCall.Methods.Single(method => method.FullName == "exchange.v1." + row.Rpc), request(city).ToByteArray(), TimeSpan.FromSeconds(30));

    private static string TextOf(RpcException? exception) => exception is null ? "OK" : $"{exception.StatusCode} {exception.Reason()}";

    // Latin-1 keeps every byte.
    private static string BytesOf(RpcException exception) =>
        $"{exception.Status.Detail} {Encoding.Latin1.GetString(exception.Trailers.GetValueBytes("grpc-status-details-bin")!)} {string.Join(' ', exception.Trailers.Select(entry => entry.Key))}";
}
