using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Policies;

/// <summary>Short ways to write policy rows and to call their service.</summary>
internal static class Rows
{
    public static PolicyService.PolicyServiceClient PoliciesOf(TestClient client) => new(client.Invoker);

    /// <summary>The operator sets a row; where it waits for a second operator, that one approves it.</summary>
    public static async Task<PolicyRow> SetRowAsync(this TestHub hub, PolicyRow row)
    {
        var set = await PoliciesOf(hub.Operator).SetPolicyRowAsync(new SetPolicyRowRequest { PolicyRow = row });
        await hub.ApproveAsync(set.PendingChange);
        set.PendingChange = "";
        return set;
    }

    /// <summary>The operator removes a row; where that waits for a second operator, that one approves it.</summary>
    public static async Task RemoveRowAsync(this TestHub hub, string id) => await hub.ApproveAsync(
        (await PoliciesOf(hub.Operator).RemovePolicyRowAsync(new RemovePolicyRowRequest { Name = $"policyRows/{id}", Reason = "the test is over" })).PendingChange);

    private static async Task ApproveAsync(this TestHub hub, string pendingChange)
    {
        if (pendingChange.Length > 0)
        {
            await new PendingChangesService.PendingChangesServiceClient((await hub.SecondOperatorAsync()).Invoker).ReviewPendingChangeAsync(
                new ReviewPendingChangeRequest { Name = pendingChange, Verdict = ReviewVerdict.Approve });
        }
    }

    /// <summary>A row of the operator on reading and following.</summary>
    public static PolicyRow Row(string id, PolicyEffect effect, string subject, string what) => new()
    {
        Name = $"policyRows/{id}",
        Subject = subject,
        Object = what,
        Actions = { PolicyAction.Read, PolicyAction.Follow },
        Effect = effect,
        Reason = "for the test",
    };
}
