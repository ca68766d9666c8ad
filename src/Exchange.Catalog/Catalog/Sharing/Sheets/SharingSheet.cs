using System.Collections.Immutable;
using Exchange.Catalog.Governance;
using Exchange.Policy.Masks;

namespace Exchange.Catalog;

/// <summary>A department's sharing lists as rows of a sheet, one a field: written from what holds, and read back into entries.</summary>
public static class SharingSheet
{
    /// <summary>Most rows of a sheet.</summary>
    public const int MostRows = 20_000;

    private const int MostColumns = 64;
    private const int MostViolations = 200;

    private static readonly string _knownHeadings = string.Join(", ", Headings(isChinese: true));

    private static readonly SheetColumn[] _needed = [SheetColumn.Field, SheetColumn.Level, SheetColumn.SharingClass, SheetColumn.OpenClass];

    /// <summary>Headings in the order of the cells.</summary>
    public static IReadOnlyList<string> Headings(bool isChinese) => [.. Enum.GetValues<SheetColumn>().Select(column => SheetWords.Heading(column, isChinese))];

    /// <summary>Cells of what holds for a department: its own entries and the defaults where it has none, by resource and number of the field.</summary>
    /// <param name="state">Governance.</param>
    /// <param name="department">Whose lists.</param>
    /// <param name="only">Only this resource; null for all.</param>
    /// <param name="isChinese">Words in Chinese, or in English.</param>
    public static IEnumerable<IReadOnlyList<string>> Rows(GovernanceState state, DepartmentId department, ResourceId? only, bool isChinese)
    {
        ArgumentNullException.ThrowIfNull(state);
        return
            from resource in state.Resources.Values
            where only is null || only == resource.Id
            from field in Owned(resource, department)
            select Row(resource, field, state.SharingOf(department, resource.Id, field), isChinese);
    }

    /// <summary>Entries of a sheet, by resource in the order they come; or everything that is wrong, with the line it stands in.</summary>
    /// <param name="state">Governance.</param>
    /// <param name="department">Whose lists.</param>
    /// <param name="headings">The first line's cells.</param>
    /// <param name="rows">The other lines: the number of each in the file, from 1, and its cells.</param>
    public static Result<ImmutableArray<SheetRow>> Read(
        GovernanceState state, DepartmentId department, IReadOnlyList<string> headings, IEnumerable<(int Line, IReadOnlyList<string> Cells)> rows)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(headings);
        ArgumentNullException.ThrowIfNull(rows);
        // Spreadsheets write empty cells behind the last heading.
        var count = headings.Count;
        while (count > 0 && string.IsNullOrWhiteSpace(headings[count - 1]))
        {
            count--;
        }

        if (count > MostColumns)
        {
            return Refusal.Invalid("line 1", "TOO_MANY", $"a sheet has at most {MostColumns} columns");
        }

        List<FieldViolation> violations = [];
        Dictionary<SheetColumn, int> places = [];
        foreach (var (place, heading) in headings.Take(count).Index())
        {
            if (SheetWords.ColumnOf(heading) is not { } column)
            {
                violations.Add(new("line 1", "UNKNOWN_COLUMN", $"column {place + 1} has no known heading: there are {_knownHeadings}"));
            }
            else if (!places.TryAdd(column, place))
            {
                violations.Add(new("line 1", "DUPLICATE", $"column {place + 1}: `{SheetWords.Key(column)}` stands there twice"));
            }
        }

        foreach (var column in _needed.Where(column => !places.ContainsKey(column)))
        {
            violations.Add(new("line 1", "REQUIRED", $"there is no column `{SheetWords.Heading(column, isChinese: true)}` ({SheetWords.Key(column)})"));
        }

        if (!places.ContainsKey(SheetColumn.Resource) && !places.ContainsKey(SheetColumn.ResourceCode))
        {
            violations.Add(new("line 1", "REQUIRED", "there is no column `信息资源标识` (resource) and no `信息资源代码` (resource_code): one of them says which resource"));
        }

        if (violations.Count > 0)
        {
            return Refusal.Invalid(violations);
        }

        var byCode = state.Resources.Values.Where(resource => resource.Description.Code is not null).ToDictionary(resource => resource.Description.Code!.Value.Value, StringComparer.Ordinal);
        var read = ImmutableArray.CreateBuilder<SheetRow>();
        HashSet<(ResourceId, int)> seen = [];
        foreach (var (line, cells) in rows)
        {
            if (read.Count >= MostRows)
            {
                violations.Add(new($"line {line}", "TOO_MANY", $"a sheet has at most {MostRows} rows"));
                break;
            }

            if (violations.Count >= MostViolations)
            {
                break;
            }

            if (cells.Count < count || cells.Skip(count).Any(cell => cell.Length > 0))
            {
                violations.Add(new($"line {line}", "CELL_COUNT", $"has {cells.Count} cells where the heading has {count}: put a cell that holds a comma in quotes"));
                continue;
            }

            var row = new RowReader(line, cells, places, violations);
            if (row.FindField(state, byCode, department) is var (resource, field) && row.ReadEntry(field, state.SharingOf(department, resource.Id, field), OwnOf(state, department, resource, field)) is { } entry)
            {
                if (!seen.Add((resource.Id, field.Number)))
                {
                    violations.Add(new($"line {line}: field", "DUPLICATE", $"`{field.Name}` of `{resource.Id}` stands in the sheet twice"));
                }

                read.Add(new SheetRow(line, resource.Id, field.Name, entry));
            }
        }

        return violations.Count > 0 ? Refusal.Invalid(violations) : read.ToImmutable();
    }

    private static IEnumerable<FieldDefinition> Owned(ResourceDefinition resource, DepartmentId department) =>
        resource.Fields.Where(field => !field.Retired && (field.Owner is not OwnerRule.Department { Id: var owner } || owner == department));

    private static IReadOnlyList<string> Row(ResourceDefinition resource, FieldDefinition field, SharingEntry entry, bool isChinese) =>
    [
        .. Enum.GetValues<SheetColumn>().Select(column => column switch
        {
            SheetColumn.ResourceCode => resource.Description.Code?.Value ?? "",
            SheetColumn.Resource => resource.Id.Value,
            SheetColumn.ResourceName => isChinese && resource.DisplayNameZh.Length > 0 ? resource.DisplayNameZh : resource.DisplayName,
            SheetColumn.Field => field.Name,
            SheetColumn.FieldName => isChinese && field.DisplayNameZh.Length > 0 ? field.DisplayNameZh : field.DisplayName,
            SheetColumn.Type => EnumWords.Of(field.Type),
            _ => SheetWords.Cell(entry, column, isChinese),
        }),
    ];

    // What the department itself says of a field: with the resource's mask left to the resource.
    private static SharingEntry OwnOf(GovernanceState state, DepartmentId department, ResourceDefinition resource, FieldDefinition field) =>
        state.SharingListOf(department, resource.Id).TryGetEntry(field.Number, out var own) ? own : state.SharingOf(department, resource.Id, field) with { Mask = default };

    // A column that the sheet does not have leaves what holds.
    private readonly struct RowReader(int line, IReadOnlyList<string> cells, Dictionary<SheetColumn, int> places, List<FieldViolation> violations)
    {
        internal (ResourceDefinition Resource, FieldDefinition Field)? FindField(GovernanceState state, Dictionary<string, ResourceDefinition> byCode, DepartmentId department)
        {
            var (id, code) = (Cell(SheetColumn.Resource), Cell(SheetColumn.ResourceCode));
            var resource = id.Length > 0 ? state.Resources.GetValueOrDefault(id) : byCode.GetValueOrDefault(code);
            if (resource is null)
            {
                Add(id.Length > 0 ? SheetColumn.Resource : SheetColumn.ResourceCode, "RESOURCE_NOT_FOUND", $"there is no resource `{(id.Length > 0 ? id : code)}`");
                return null;
            }

            if (id.Length > 0 && code.Length > 0 && resource.Description.Code?.Value != code)
            {
                Add(SheetColumn.ResourceCode, "CODE_MISMATCH", $"`{code}` is not the code of `{id}`: give one of both, or the right one");
                return null;
            }

            if (!resource.TryGetField(Cell(SheetColumn.Field), out var field))
            {
                Add(SheetColumn.Field, "UNKNOWN_FIELD", $"resource `{resource.Id}` has no field `{Cell(SheetColumn.Field)}`");
                return null;
            }

            if (field.Owner is OwnerRule.Department { Id: var owner } && owner != department)
            {
                Add(SheetColumn.Field, "NOT_OWNER", $"`{field.Name}` belongs to `{owner}`");
                return null;
            }

            return (resource, field);
        }

        internal SharingEntry? ReadEntry(FieldDefinition field, SharingEntry holds, SharingEntry own)
        {
            var before = violations.Count;
            var level = Cell(SheetColumn.Level) is ['1' or '2' or '3' or '4'] and var digit ? (Level)(digit[0] - '0') : Level.Unspecified;
            if (level is Level.Unspecified)
            {
                Add(SheetColumn.Level, "REQUIRED", "give a level from 1 to 4");
            }

            // An empty cell, as one that says what the resource does, leaves the mask to the resource.
            var mask = Has(SheetColumn.Mask) ? SheetWords.ReadMask(Cell(SheetColumn.Mask)) : own.Mask;
            if (mask == field.Mask && own.Mask.IsUnspecified)
            {
                mask = default(Mask);
            }

            if (mask is null)
            {
                Add(SheetColumn.Mask, "UNKNOWN_VALUE", "give a mask with its parameter, such as `SHOW_LAST_N 4`, or none");
            }

            var entry = holds with
            {
                Level = level,
                SharingClass = Word<SharingClass>(SheetColumn.SharingClass, default),
                OpenClass = Word<OpenClass>(SheetColumn.OpenClass, default),
                SharingMode = Word(SheetColumn.SharingMode, holds.SharingMode),
                UpdateCycle = Word(SheetColumn.UpdateCycle, holds.UpdateCycle),
                Mask = mask ?? default,
                Terms = new SharingTerms
                {
                    Condition = Text(SheetColumn.Condition, holds.Terms.Condition),
                    Basis = new Basis(Word(SheetColumn.BasisKind, holds.Terms.Basis.Kind), Text(SheetColumn.Basis, holds.Terms.Basis.Text)),
                    OpenCondition = Text(SheetColumn.OpenCondition, holds.Terms.OpenCondition),
                    OpenBasis = new Basis(Word(SheetColumn.OpenBasisKind, holds.Terms.OpenBasis.Kind), Text(SheetColumn.OpenBasis, holds.Terms.OpenBasis.Text)),
                },
            };
            return violations.Count > before ? null : entry;
        }

        private T Word<T>(SheetColumn column, T holds)
            where T : struct, Enum
        {
            if (!Has(column))
            {
                return holds;
            }

            var read = SheetWords.Read<T>(Cell(column));
            if (read is null)
            {
                Add(column, "UNKNOWN_VALUE", $"give one of {SheetWords.Words<T>()}, or the English word");
            }

            return read ?? default;
        }

        private string Text(SheetColumn column, string holds) => places.TryGetValue(column, out var place) ? cells[place] : holds;

        private bool Has(SheetColumn column) => places.ContainsKey(column);

        private string Cell(SheetColumn column) => places.TryGetValue(column, out var place) ? cells[place].Trim() : "";

        private void Add(SheetColumn column, string reason, string message) => violations.Add(new($"line {line}: {SheetWords.Key(column)}", reason, message));
    }
}
