using System.Buffers;
using System.Text;
using System.Text.Json;
using Exchange.Catalog;
using Exchange.Policy.Conditions;
using Exchange.Policy.Enforcement;
using Exchange.Policy.Language;
using Exchange.Server.Feed;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Exchange.Server.Identity;
using Exchange.Server.Policies;
using Exchange.Server.Records.Push;
using Exchange.Server.Records.Reading;
using Exchange.Server.Tests.Faults.Messages;
using Exchange.Server.Tests.Records;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Every reader that the hub has for bytes of strangers, with inputs made for it.</summary>
internal static class Readers
{
    private static readonly string[] Functions = ["regexMatch", "globMatch", "keyMatch", "keyMatch2", "keyMatch3", "keyMatch4", "keyMatch5", "ipMatch"];

    /// <summary>Messages as gRPC reads them: the request of each RPC, by generated code or by what takes its place.</summary>
    public static IEnumerable<FuzzTarget> OfMessages()
    {
        foreach (var type in RawCall.Methods.Select(method => method.InputType).Distinct())
        {
            var parser = type.Parser.WithDiscardUnknownFields(true);
            yield return Wire(type.FullName, type, bytes => parser.ParseFrom(new ReadOnlySequence<byte>(bytes)));
        }

        yield return Wire("PushFrame.Read", Proto.PushRequest.Descriptor, bytes => PushFrame.Read(new ReadOnlySequence<byte>(bytes)).Batch?.Release());
        yield return Wire("PushFrame.ReadCall", Proto.PushBatchRequest.Descriptor, bytes => PushFrame.ReadCall(new ReadOnlySequence<byte>(bytes)).Batch?.Release());
        yield return Wire("PushHeaderForm", Proto.PushHeader.Descriptor, bytes => PushHeaderForm.Parse(Proto.PushHeader.Parser.ParseFrom(bytes)));
        yield return Wire("PolicyRow", Proto.PolicyRow.Descriptor, bytes => PolicyRowRules.Set(City.State, Proto.PolicyRow.Parser.ParseFrom(bytes).ToDomain(), DateTimeOffset.UnixEpoch));
        yield return Wire("RecordMoment", Proto.GetRecordRequest.Descriptor, bytes => RecordMoment.Parse(Proto.GetRecordRequest.Parser.ParseFrom(bytes)));
    }

    /// <summary>Texts that stand in messages, forms and headers. The token is a good one, whose signature the validator can check.</summary>
    public static IEnumerable<FuzzTarget> OfTexts(AccessTokenValidator tokens, string token)
    {
        var keys = TestClient.ToJwks(System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256));
        string[] jsonWords = ["{", "}", "[", "]", ":", ",", "\"", "null", "true", "1", "\\u0000", "\\ud800", "{\"a\":", "[[", "\"keys\":[", "\"kty\":\"RSA\"", "\"n\":\"AQAB\"", "\"d\":\"AA\"", "/**/"];
        var json = new TextInputs([keys, """{"alg":"ES256","typ":"at+jwt","kid":"a"}""", """{"iss":"a","exp":1.5e3,"aud":["b"],"cnf":{"x5t#S256":"c"}}"""], jsonWords);
        yield return Text("StrictJson", json, text => StrictJson.ReadObject(Encoding.UTF8.GetBytes(text)));
        yield return Text("PublicKeySet", json, text => PublicKeySet.Parse(text));
        yield return Text("StrictBase64Url", new TextInputs([token, "AAAA", "_-8"], "=", "+", "/", " ", "A"), text => StrictBase64Url.Decode(text));
        yield return Text("CompactJws", JwsInputs.Like(token), text => ReadJws(text));
        yield return Text("AccessTokenValidator", JwsInputs.Like(token), text => tokens.Validate(Bearing(text)));

        var seal = new TokenSeal(new byte[32]);
        var checkpoint = new CheckpointCodec(seal).Encode(City.Centre.Client, Guid.Empty, new byte[32], new ReadMark(new Dictionary<int, long> { [1] = 7 }.AsReadOnly(), new byte[32]));
        var sealedTexts = new TextInputs([checkpoint, Paging.TokenAfter("title"), ""], "=", "-", "_", " ", "AA");
        yield return Text("TokenSeal", sealedTexts, text => Array.ForEach(Enum.GetValues<TokenSeal.Use>(), use => seal.Open(use, City.Centre.Client, text)));
        yield return Text("Paging", sealedTexts, text => Paging.Read(text.Length, text));

        string[] filterWords = ["AND", "OR", "NOT", "-", "(", ")", "=", "!=", "<=", ":", "*", "\"", "'", "\\", "title", "calls", "tags", "fee", "due", "9e9", "2024-13-01", "caller.department", " "];
        var resource = City.State.Resources["complaint"];
        yield return Text("ConditionParser", new TextInputs(PlausibleMessages.Filters, filterWords), text => ConditionParser.Parse(text, new RowFilterSchema(resource)));
        string[] conditionWords = ["&&", "||", "!", "(", ")", "==", "in", ",", "'", "\"", "r.caller.", "r.context.", "r.object", "regexMatch(", "keyMatch5(", "ipMatch(", "1", "**", "%", "\\", "(a+)+$", "[^", "{", "}"];
        yield return Text("policy condition", new TextInputs(PlausibleMessages.Conditions, conditionWords), text => PolicyRowRules.Set(City.State, Row() with { Condition = text }, DateTimeOffset.UnixEpoch));
        yield return Text("policy object", new TextInputs(["resources/complaint", "resources/complaint/fields/title", "categories/3.1"], "/", "*", ".", "fields", "categories/"), text => PolicyRowRules.Set(City.State, Row() with { Object = text }, DateTimeOffset.UnixEpoch));
        yield return Text("policy subject", new TextInputs(["centre", "levels/city", "roles/steward", "*"], "/", "*", "levels", "departments/"), text => PolicyRowRules.Set(City.State, Row() with { Subject = text }, DateTimeOffset.UnixEpoch));
        yield return Text("policy CSV", new TextInputs(["p, ann, data1, read\ng, ann, admin\n", "p, \"a,b\", x, deny\n"], ",", "\"", "\n", "#", "p,", "g,", "\"\""), text => PolicyRules.Parse(text));
        yield return Text("policy model", new TextInputs([Model("regexMatch")], "[", "]", "=", "\n", "r", "p.sub", "m = ", "some(where (", "[matchers]", "\\\n", "eval(p.sub)"), text => PolicyModel.Parse(text));
        yield return Text("policy patterns", new TextInputs(["^a(b|c)*d$", "/a/:b/*", "/{x}/y/{x}", "10.0.0.0/8", "**/a?[b-d]", "(a+)+$", "(x+x+)+y aaaaaaaaaaaaaaaaaaaaaaaaaaaa"], "(", ")", "*", "+", "?", "{", "}", "[", "]", "|", "\\", "^", "$", "a", ":", "/", "(?=", "\\1", "{1,999}"), Match);

        yield return Text("names", new TextInputs(["departments/a/grants/b", "resources/complaint/records/9f1c2f64-0d4c-5a52-9f5e-1c2b3a4d5e6f", "codeLists/c"], "/", "departments", "-", "records"), ReadNames);
        yield return Text("CallerAddress", new TextInputs(["10.0.0.7", "fd00::7", "::ffff:10.0.0.1%eth0"], ".", ":", "%", "0x", "/8", "::"), text => CallerAddress.Parse("address", text));
    }

    private static FuzzTarget Wire(string name, MessageDescriptor type, Action<byte[]> read) => new(name, new WireInputs(type).Next, bytes =>
    {
        try
        {
            read(bytes);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentOutOfRangeException && IsGenerated(e))
        {
            // What gRPC and HubStreamReader take for no message. Generated code runs over the end of some (protobuf's issue 26856); ours must not.
        }
    });

    private static bool IsGenerated(Exception e) => e is InvalidProtocolBufferException || e.StackTrace?.Contains("Google.Protobuf.", StringComparison.Ordinal) is true;

    private static FuzzTarget Text(string name, TextInputs inputs, Action<string> read) => new(name, inputs.Bytes, bytes => read(Encoding.UTF8.GetString(bytes)));

    private static FuzzTarget Text(string name, JwsInputs inputs, Action<string> read) => new(name, random => Encoding.UTF8.GetBytes(inputs.Next(random)), bytes => read(Encoding.UTF8.GetString(bytes)));

    private static void ReadJws(string text)
    {
        if (CompactJws.TryParse(text, 8_192, out var jws))
        {
            _ = (jws.Algorithm, CompactJws.Time(jws.Payload, "exp"), StrictJson.Text(jws.Payload, "aud"));
        }
    }

    private static void ReadNames(string text)
    {
        ResourceNames.Department("name", text);
        ResourceNames.Resource("name", text);
        ResourceNames.CodeList("name", text);
        ResourceNames.SharingList("name", text);
        ResourceNames.Grant("name", text);
        ResourceNames.Client("name", text);
        ResourceNames.IdIn("departments", text);
        RecordName.Parse(text);
    }

    // A policy with the text as a pattern, asked about the text and about what patterns are slow on.
    private static void Match(string text)
    {
        var function = Functions[text.Length % Functions.Length];
        var snapshot = PolicySnapshot.Build(PolicyModel.Parse(Model(function)).Value!, PolicyRules.Parse($"p, \"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"") is { IsAccepted: true } rules ? rules.Value : PolicyRules.Parse("p, a").Value!);
        if (snapshot.Value is { } built)
        {
            var engine = new PolicyEngine(built);
            engine.Enforce(text);
            engine.Enforce(new string('a', 2_000));
        }
    }

    private static string Model(string function) => $"""
        [request_definition]
        r = sub
        [policy_definition]
        p = sub
        [policy_effect]
        e = some(where (p.eft == allow))
        [matchers]
        m = {function}(r.sub, p.sub)
        """;

    private static PolicyRow Row() => new Proto.PolicyRow
    {
        Name = "policyRows/fuzz", Subject = "*", Object = "resources/complaint", Actions = { Proto.PolicyAction.Read }, Effect = Proto.PolicyEffect.Allow, Reason = "fuzz",
    }.ToDomain();

    private static Microsoft.AspNetCore.Http.DefaultHttpContext Bearing(string token)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        http.Request.Headers.Authorization = $"Bearer {token}";
        return http;
    }
}
