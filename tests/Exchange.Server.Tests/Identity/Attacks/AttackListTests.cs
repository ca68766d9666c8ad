using System.Runtime.Versioning;

namespace Exchange.Server.Tests.Identity.Attacks;

[SupportedOSPlatform("linux")]
public sealed class AttackListTests
{
    // As the reliability promises have them: on calls, and at the endpoints.
    private static readonly int[] OnCalls = [.. Enumerable.Range(1, 11), 13, 14, 15, 16, 19, 23, 24, 26, 27, 30, 31];
    private static readonly int[] AtEndpoints = [.. Enumerable.Range(1, 16), .. Enumerable.Range(19, 7), 27, 29, 30];

    [Fact]
    public void Every_number_of_the_list_is_made_or_has_a_reason_why_not()
    {
        Assert.Equal(Enumerable.Range(1, 32), AttackList.Made.Concat(AttackList.NotApplicable.Keys).Order());
        Assert.All(AttackList.NotApplicable.Values, Assert.NotEmpty);
    }

    [Fact]
    public void Calls_and_endpoints_each_have_the_attacks_that_are_theirs()
    {
        Assert.Subset(TokenAttacks.All.SelectMany(attack => attack.Numbers).ToHashSet(), OnCalls.ToHashSet());
        Assert.Subset(EndpointAttacks.All.SelectMany(attack => attack.Numbers).ToHashSet(), AtEndpoints.ToHashSet());
    }
}
