using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;
using Exchange.Policy.Masks;

namespace Exchange.Server.Access;

/// <summary>
/// What a plan shows of some fields, in 16 bytes: the same under every revision of governance that changes nothing of it, also when other rules or
/// grants show the same now. Page tokens and checkpoints
/// carry it, so that who goes on with one learns that something else is shown now. Conservative: it may differ where the same is shown, never the other
/// way round.
/// </summary>
internal static class PlanDigest
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>The digest of a plan for these fields, given by their places in its resource, in any order.</summary>
    public static byte[] Of(AccessPlan plan, ImmutableArray<int> fields)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, ConditionPrinter.Print(plan.RowVisible));
        foreach (var field in fields.Order().Select(index => plan.Fields[index]))
        {
            Append(hash, field.Field.Number);
            Append(hash, (int)field.Field.Type);
            var outcomes = Outcomes(field);
            Append(hash, outcomes.Count);
            foreach (var (condition, mask) in outcomes)
            {
                Append(hash, ConditionPrinter.Print(condition));
                Append(hash, (int)(mask ?? Mask.Null).Kind);
                Append(hash, mask?.Parameter ?? 0);
            }
        }

        return hash.GetHashAndReset()[..SizeBytes];
    }

    // Neighbours that decide alike are one, and denials at the end say what no rule would say. Null denies, as the mask that shows nothing does: which
    // rows are there is told apart.
    private static List<(Condition Condition, Mask? Mask)> Outcomes(FieldPlan field)
    {
        List<(Condition Condition, Mask? Mask)> outcomes = [];
        foreach (var rule in field.Rules)
        {
            Mask? mask = rule.IsAllow && rule.Mask.Kind is not MaskKind.Null ? rule.Mask.Or(Mask.None) : null;
            if (outcomes is [.., var last] && last.Mask == mask)
            {
                outcomes[^1] = (ConditionForm.AnyOf(last.Condition, rule.Condition), mask);
            }
            else
            {
                outcomes.Add((rule.Condition, mask));
            }
        }

        return outcomes is [.., { Mask: null }] ? outcomes[..^1] : outcomes;
    }

    private static void Append(IncrementalHash hash, string part)
    {
        var bytes = Encoding.UTF8.GetBytes(part);
        Append(hash, bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
