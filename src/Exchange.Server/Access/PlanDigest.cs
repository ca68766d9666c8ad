using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Exchange.Catalog.Access;
using Exchange.Policy.Conditions;

namespace Exchange.Server.Access;

/// <summary>
/// What a plan shows of some fields, in 16 bytes: the same under every revision of governance that changes nothing of it. Page tokens and checkpoints
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
            Append(hash, field.Rules.Length);
            foreach (var rule in field.Rules)
            {
                Append(hash, ConditionPrinter.Print(rule.Condition));
                Append(hash, rule.IsAllow ? 1 : 0);
                Append(hash, (int)rule.Mask.Kind);
                Append(hash, rule.Mask.Parameter);
            }
        }

        return hash.GetHashAndReset()[..SizeBytes];
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
