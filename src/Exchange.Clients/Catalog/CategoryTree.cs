using System.Globalization;
using Exchange.Clients.Files;
using Exchange.Protos.V1;

namespace Exchange.Clients.Catalog;

/// <summary>
/// Makes categories of a table of names, one column a level and one row a path. Codes are given by order below the root, `petition.01.02`; a path that is there
/// already, told by its names, keeps its code: loading a longer table later adds to the tree.
/// </summary>
public static class CategoryTree
{
    /// <summary>Reads the paths of a CSV or JSON file, top level first. A row may end early: the rest of its cells are empty.</summary>
    /// <exception cref="SourceFileException">A column is missing, a row is broken, or a level is empty where a deeper one is not.</exception>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> ReadAsync(string path, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<string>> paths = [];
        await using var rows = await RowFile.OpenAsync(path, new RowFormat(), [.. columns.Select(column => new RequestedColumn(column, Optional: false))], cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var cells = Enumerable.Range(0, columns.Count).Select(rows.Read).ToList();
            if ((rows.Problem ?? cells.Select(cell => cell.Problem).FirstOrDefault(problem => problem is not null)) is { } problem)
            {
                throw new SourceFileException(problem.Reason, $"line {rows.Line}: {problem.Message}");
            }

            var names = cells.TakeWhile(cell => cell.Text is not null).Select(cell => cell.Text!.Trim()).ToList();
            if (names.Count is 0 || cells.Skip(names.Count).Any(cell => cell.Text is not null))
            {
                throw new SourceFileException("EMPTY_LEVEL", $"line {rows.Line}: a level is empty where a deeper one is not, or the row is empty");
            }

            paths.Add(names);
        }

        return paths;
    }

    /// <summary>The root and the categories that are not there yet, parents first.</summary>
    /// <param name="root">Top of the tree.</param>
    /// <param name="existing">All categories of the hub.</param>
    /// <param name="paths">Names from the level below the root on.</param>
    public static IReadOnlyList<Category> Plan(Category root, IEnumerable<Category> existing, IEnumerable<IReadOnlyList<string>> paths)
    {
        var known = existing.ToDictionary(category => category.Name, StringComparer.Ordinal);
        var children = new Dictionary<(string Parent, string Name), string>();
        foreach (var category in known.Values.Where(category => category.Parent.Length > 0))
        {
            children.TryAdd((category.Parent, category.DisplayName), category.Name);
        }

        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        List<Category> added = known.TryGetValue(root.Name, out var there) && (there.Equals(root) || (root.DisplayNameZh.Length is 0 && there.DisplayName == root.DisplayName)) ? [] : [root];
        foreach (var path in paths)
        {
            var parent = root.Name;
            foreach (var name in path)
            {
                if (!children.TryGetValue((parent, name), out var child))
                {
                    // A number that another has, whatever its parent, is passed over.
                    do
                    {
                        last[parent] = last.GetValueOrDefault(parent) + 1;
                        child = $"{parent}.{last[parent].ToString("D2", CultureInfo.InvariantCulture)}";
                    }
                    while (known.ContainsKey(child));

                    children[(parent, name)] = child;
                    added.Add(new Category { Name = child, DisplayName = name, DisplayNameZh = name, Parent = parent });
                }

                parent = child;
            }
        }

        return added;
    }
}
