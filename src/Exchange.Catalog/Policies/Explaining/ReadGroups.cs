using System.Collections.Immutable;
using Exchange.Catalog.Access;

namespace Exchange.Catalog.Policies;

/// <summary>Gathers audited reads into groups of those that were alike. Not for concurrent use.</summary>
public sealed class ReadGroups
{
    /// <summary>Groups at most.</summary>
    public const int MostGroups = 2_000;

    private readonly Dictionary<(DepartmentId, ResourceId, PlanAction, Purpose, string Fields, bool IsRefused, bool IsOwnerView), ReadGroup> _groups = [];

    /// <summary>The groups so far.</summary>
    public IReadOnlyCollection<ReadGroup> Groups => _groups.Values;

    /// <summary>Counts a read that began at a time. False when it would begin one group too many.</summary>
    /// <param name="read">The read; counts and times in it are ignored.</param>
    /// <param name="time">When it began.</param>
    public bool Add(ReadGroup read, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(read);
        var key = (read.Department, read.Resource, read.Action, read.Purpose, string.Join(',', read.Fields), read.IsRefused, read.IsOwnerView);
        if (!_groups.TryGetValue(key, out var group))
        {
            if (_groups.Count >= MostGroups)
            {
                return false;
            }

            _groups.Add(key, group = read with { Count = 0, FirstTime = time, LastTime = time });
        }

        group.Count++;
        group.FirstTime = time < group.FirstTime ? time : group.FirstTime;
        group.LastTime = time > group.LastTime ? time : group.LastTime;
        return true;
    }
}
