using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Policies;

/// <summary>Short ways to write policy rows and to call their service.</summary>
internal static class Rows
{
    public static PolicyService.PolicyServiceClient PoliciesOf(TestClient client) => new(client.Invoker);

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
