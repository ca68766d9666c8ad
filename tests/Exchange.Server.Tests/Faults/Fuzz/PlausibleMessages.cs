using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;

namespace Exchange.Server.Tests.Faults.Fuzz;

/// <summary>Makes messages of any type with values that look like real ones, by the fields' names, so that spoilt ones come far.</summary>
internal static class PlausibleMessages
{
    /// <summary>Filters, orders and conditions as callers write them.</summary>
    public static readonly string[] Filters =
    [
        "calls < 5 AND (title = \"a\" OR NOT tags:\"b\") AND accepted_at > 2015-01-31T08:00:00Z", "title:\"漏水\"", "status = \"OPEN\" OR -fee >= 12.50", "source_id = 'x'", "due < 2024-02-29",
        "responsible = caller.department", "confidential = TRUE", "",
    ];

    /// <summary>Conditions of policy rows.</summary>
    public static readonly string[] Conditions =
    [
        "r.context.purpose == \"EMERGENCY\"", "r.caller.district == 'east' && r.context.network != '10.0.0.1'", "ipMatch(r.context.network, '10.0.0.0/8')",
        "keyMatch2(r.object, 'resources/:id') || regexMatch(r.caller.id, '^a(b|c)*d$')", "r.caller.level in ('CITY', 'DISTRICT')", "",
    ];

    private static readonly string[] Names =
    [
        "departments/archive", "departments/spare", "departments/archive/clients/spare-system", "departments/archive/grants/g1", "departments/archive/sharingLists/complaint", "resources/complaint",
        "resources/spare", "codeLists/spare", "categories/3.9", "policyRows/spare", "resources/complaint/records/9f1c2f64-0d4c-5a52-9f5e-1c2b3a4d5e6f", "archive", "spare", "complaint",
    ];

    private static readonly string[] Words = ["title", "content", "fee", "calls", "spare", "a text", "漏水", "p1", "12.50", "open", "archive-desk", "dGl0bGU", "10.0.0.7", "0", "levels/city", "*"];

    private static readonly Dictionary<string, string[]> ByName = new(StringComparer.Ordinal)
    {
        ["parent"] = ["departments/archive", "departments/spare", "resources/complaint"],
        ["resource"] = ["resources/complaint", "resources/spare"],
        ["reader"] = ["departments/housing", "departments/spare"],
        ["fields"] = ["title", "fee", "calls", "tags"],
        ["filter"] = Filters,
        ["row_filter"] = Filters,
        ["condition"] = Conditions,
        ["order_by"] = ["calls desc", "title", ""],
        ["jwks"] = ["""{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"""],
        ["object"] = ["resources/complaint", "resources/complaint/fields/title", "categories/3"],
        ["subject"] = ["archive", "levels/city", "roles/steward", "*"],
        ["push_id"] = ["p1", "p2"],
        ["source_system"] = ["archive-desk", "centre-desk"],
        ["service"] = ["", "exchange.v1.RecordsService"],
    };

    /// <summary>A message of this type.</summary>
    public static IMessage Of(MessageDescriptor type, Random random, int depth = 4)
    {
        var message = type.Parser.ParseFrom([]);
        if (message is Timestamp time)
        {
            (time.Seconds, time.Nanos) = (1_400_000_000 + random.Next(), random.Next(1_000_000_000));
            return message;
        }

        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (random.Next(5) > 0 && (depth > 0 || field.FieldType is not FieldType.Message))
            {
                Fill(message, field, random, depth);
            }
        }

        return message;
    }

    private static void Fill(IMessage message, FieldDescriptor field, Random random, int depth)
    {
        if (field.IsMap)
        {
            ((IDictionary)field.Accessor.GetValue(message))["district"] = Words[random.Next(Words.Length)];
        }
        else if (field.IsRepeated)
        {
            for (var count = random.Next(3); count > 0; count--)
            {
                ((IList)field.Accessor.GetValue(message)).Add(Value(field, random, depth));
            }
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, random, depth));
        }
    }

    private static object Value(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.String => Text(field.Name, random),
        FieldType.Bytes => ByteString.CopyFrom(new byte[16]),
        FieldType.Bool => random.Next(2) is 0,
        FieldType.Double => (random.NextDouble() * 180) - 90,
        FieldType.Int64 or FieldType.SInt64 => (long)random.Next(10),
        FieldType.Int32 or FieldType.SInt32 => random.Next(20),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number),
        FieldType.Message => Of(field.MessageType, random, depth - 1),
        var type => throw new NotSupportedException($"{type}"),
    };

    private static string Text(string name, Random random)
    {
        var texts = ByName.GetValueOrDefault(name) ?? (name is "name" || random.Next(3) is 0 ? Names : Words);
        return texts[random.Next(texts.Length)];
    }
}
