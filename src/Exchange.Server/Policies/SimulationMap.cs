using Exchange.Catalog;
using Exchange.Catalog.Policies;
using Exchange.Server.Catalog;
using Exchange.Server.Governance;
using Exchange.Server.Grpc;
using Proto = Exchange.Protos.V1;

namespace Exchange.Server.Policies;

/// <summary>Reads what is to be simulated.</summary>
internal static class SimulationMap
{
    /// <summary>The change and its scope, or every malformed name at once. What they say is checked by the rules.</summary>
    public static Result<(ProposedChange Change, SimulationScope Scope)> Parse(Proto.SimulateRequest request)
    {
        List<FieldViolation> violations = [];
        var change = new ProposedChange
        {
            SetRows = [.. request.SetRows.Select(row => row.ToDomain())],
            RemovedRows = [.. Read("removed_rows", request.RemovedRows, PolicyRowMap.IdIn)],
            SharingLists = [.. Read<Proto.SharingList, SharingChange>("sharing_lists", request.SharingLists, ReadList)],
        };
        var network = CallerAddress.Parse("network", request.Network);
        violations.AddRange(network.Refusal?.Violations ?? []);
        var scope = new SimulationScope
        {
            Departments = [.. Read("departments", request.Departments, ResourceNames.Department)],
            Resources = [.. Read("resources", request.Resources, ResourceNames.Resource)],
            Purposes = [.. request.Purposes.Select(purpose => (Purpose)purpose)],
            Network = network.IsRefused || network.Value.Length is 0 ? null : network.Value,
        };
        return violations.Count > 0 ? Refusal.Invalid(violations) : (change, scope);

        IEnumerable<T> Read<TItem, T>(string list, IEnumerable<TItem> items, Func<string, TItem, Result<T>> read)
            where T : notnull
        {
            foreach (var (index, item) in items.Index())
            {
                var result = read($"{list}[{index}]", item);
                if (result.IsRefused)
                {
                    violations.AddRange(result.Refusal.Violations);
                }
                else
                {
                    yield return result.Value;
                }
            }
        }
    }

    private static Result<SharingChange> ReadList(string field, Proto.SharingList list)
    {
        var name = ResourceNames.SharingList($"{field}.name", list.Name);
        return name.IsRefused ? name.Refusal : new SharingChange(name.Value.Department, name.Value.Resource, [.. list.ToEntries()]);
    }
}
