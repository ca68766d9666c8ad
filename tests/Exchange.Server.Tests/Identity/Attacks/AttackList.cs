using System.Runtime.Versioning;
using Exchange.Server.Tests.Identity.Attacks.Timing;

namespace Exchange.Server.Tests.Identity.Attacks;

/// <summary>The attacks of section T, by number: which are made, and why the rest is not.</summary>
[SupportedOSPlatform("linux")]
internal static class AttackList
{
    /// <summary>Numbers of section T whose attack is no single call: the tests that make them.</summary>
    public static IReadOnlyDictionary<int, Type> Tested { get; } = new Dictionary<int, Type>
    {
        [17] = typeof(AssertionReplayTests),
        [18] = typeof(AssertionReplayTests),
        [31] = typeof(RawMetadataTests),
        [32] = typeof(TimingTests),
    };

    /// <summary>Numbers that do not apply, and why.</summary>
    public static IReadOnlyDictionary<int, string> NotApplicable { get; } = new Dictionary<int, string>
    {
        [28] = "the hub does not offer DPoP; its proofs are refused as access tokens (10) and its scheme as a header (31)",
    };

    /// <summary>All numbers that some attack has.</summary>
    public static IReadOnlySet<int> Made { get; } = (HashSet<int>)
    [
        .. TokenAttacks.All.SelectMany(attack => attack.Numbers), .. EndpointAttacks.All.SelectMany(attack => attack.Numbers), .. SessionAttacks.All.SelectMany(attack => attack.Numbers), .. Tested.Keys,
    ];
}
