using Exchange.Catalog;
using Exchange.Server.Hosting;

namespace Exchange.Server.Governance;

/// <summary>The hub where it acts on its own: no client has this id.</summary>
internal static class HubActor
{
    /// <summary>The hub as a caller.</summary>
    public static Caller Of(HubOptions options) => new(options.OperatorDepartment, new ClientId("(hub)"), Role.Operator);
}
