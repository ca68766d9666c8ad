using Exchange.Clients.Files;
using Exchange.Clients.Yaml;
using Exchange.Protos.V1;

namespace Exchange.Clients.Mapping;

/// <summary>Turns rows of one file into records. Made by <see cref="Compile"/>, which checks the mapping against the resource.</summary>
public sealed class RowMapper
{
    private readonly MappingFile _mapping;
    private readonly RequestedColumn[] _columns;
    private readonly PartReader[] _parts;
    private readonly RuleReader[] _rules;
    private readonly DuplicateRows? _seen;

    private RowMapper(MappingFile mapping, RequestedColumn[] columns, PartReader[] parts, RuleReader[] rules)
    {
        _mapping = mapping;
        _columns = columns;
        _parts = parts;
        _rules = rules;
        _seen = mapping.RejectDuplicates ? new DuplicateRows() : null;
    }

    /// <summary>The columns to open the file with.</summary>
    public IReadOnlyList<RequestedColumn> Columns => _columns;

    /// <summary>How the file's rows stand.</summary>
    public RowFormat Format => _mapping.Format;

    /// <summary>The parts, in the order they must be pushed.</summary>
    public IReadOnlyList<PartMapping> Parts => _mapping.Parts;

    /// <summary>The resource, `resources/{resource}`.</summary>
    public string Resource => $"resources/{_mapping.Resource}";

    /// <summary>Names of the fields of one part, in the order of its records' values.</summary>
    public IReadOnlyList<string> FieldsOf(int part) => _parts[part].FieldNames;

    /// <summary>The column of the file that a field of a part is taken from; empty for a constant and for what is no field of the part.</summary>
    public string ColumnOf(int part, string field) => Parts[part].Fields.FirstOrDefault(f => f.Field == field)?.MainColumn ?? "";

    /// <summary>Checks a mapping against a resource and makes ready for one file.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="resource">The resource it maps to.</param>
    /// <param name="codeLists">Codes by `codeLists/{code_list}`; a list that is not there is not checked.</param>
    /// <param name="fileName">The file's name, which may choose the source system.</param>
    /// <exception cref="YamlFileException">With everything that does not fit.</exception>
    public static RowMapper Compile(
        MappingFile mapping, Resource resource, IReadOnlyDictionary<string, IReadOnlySet<string>> codeLists, string fileName)
    {
        var check = new MappingCheck(mapping, resource, codeLists, fileName);
        check.ThrowIfAny();
        var columns = new List<RequestedColumn>();
        int Slot(string name)
        {
            var slot = columns.FindIndex(c => c.Name == name);
            if (slot < 0)
            {
                columns.Add(new RequestedColumn(name, mapping.OptionalColumns.Contains(name)));
                slot = columns.Count - 1;
            }

            return slot;
        }

        var parts = mapping.Parts.Select(p => new PartReader(p, mapping, check, Slot)).ToArray();
        var rules = mapping.Rules.Select(r => new RuleReader(r, Place(mapping, r.Left), Place(mapping, r.Right))).ToArray();
        return new RowMapper(mapping, [.. columns], parts, rules);
    }

    /// <summary>Reads a file's rows, good and bad, counting into <paramref name="statistics"/>.</summary>
    /// <exception cref="SourceFileException">The file as a whole cannot be used, or not to its end.</exception>
    public IAsyncEnumerable<MappedRow> ReadAsync(string path, MappingStatistics statistics, CancellationToken cancellationToken) =>
        ReadAsync(path, statistics, _ => { }, cancellationToken);

    /// <summary>As above, telling with every row how many bytes of the file were read so far.</summary>
    /// <exception cref="SourceFileException">The file as a whole cannot be used, or not to its end.</exception>
    public async IAsyncEnumerable<MappedRow> ReadAsync(
        string path, MappingStatistics statistics, Action<long> bytesRead, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var format = RowFile.NamedFormat(path, Format);
        var file = RowFile.Open(path);
        await using var reader = await RowFile.OpenAsync(file, format, Columns, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            bytesRead(file.CanSeek ? file.Position : 0);
            yield return Map(reader, statistics);
        }
    }

    /// <summary>Maps the reader's current row.</summary>
    public MappedRow Map(IRowReader row, MappingStatistics statistics)
    {
        var problems = new List<RowProblem>();
        var records = new MappedRecord?[_parts.Length];
        if (row.Problem is { } whole)
        {
            problems.Add(whole);
        }
        else
        {
            MapParts(row, records, problems, statistics);
        }

        var mapped = new MappedRow { Row = row.Row, Line = row.Line, Problems = problems, Parts = problems.Count == 0 ? records : [] };
        statistics.Count(mapped);
        return mapped;
    }

    private string IdColumn => Parts.First(p => p.IdColumns.Count > 0).IdColumns[0];

    private void MapParts(IRowReader row, MappedRecord?[] records, List<RowProblem> problems, MappingStatistics statistics)
    {
        var orphaned = new List<string>();
        for (var i = 0; i < _parts.Length; i++)
        {
            records[i] = _parts[i].Read(row, records, orphaned, problems, statistics);
        }

        if (problems.Count > 0)
        {
            return;
        }

        // A doubt that left a part without anything to send is kept with the first part that has something.
        if (orphaned.Count > 0 && records.FirstOrDefault(r => r is not null) is { } keeper)
        {
            keeper.Record.Warnings.Add(orphaned.Distinct().Except(keeper.Record.Warnings));
        }

        foreach (var rule in _rules)
        {
            if (records[rule.Left.Part] is { } part && records[rule.Right.Part] is { } other
                && rule.Holds(part.Record.Values[rule.Left.Field], other.Record.Values[rule.Right.Field]))
            {
                part.Record.Warnings.Add(rule.Warning);
            }
        }

        switch (_seen?.Add(row.Row, records))
        {
            case { SameContent: true } first:
                problems.Add(new RowProblem(IdColumn, "DUPLICATE_ROW", $"is the same as row {first.Row}; remove one of them"));
                break;
            case { } first:
                problems.Add(new RowProblem(IdColumn, "DUPLICATE_ID", $"has the id of row {first.Row} with other content; correct the file, or say `duplicates: keep` if later rows are newer"));
                break;
            default:
                break;
        }
    }

    private static (int Part, int Field) Place(MappingFile mapping, string field)
    {
        for (var part = 0; part < mapping.Parts.Count; part++)
        {
            for (var place = 0; place < mapping.Parts[part].Fields.Count; place++)
            {
                if (mapping.Parts[part].Fields[place].Field == field)
                {
                    return (part, place);
                }
            }
        }

        throw new InvalidOperationException("the mapping was not checked");
    }

    private sealed class PartReader
    {
        private readonly PartMapping _part;
        private readonly MappingFile _mapping;
        private readonly FieldReader[] _fields;
        private readonly int[] _id;
        private readonly int _openedAs;
        private readonly (int Part, int Field) _department;
        private readonly FieldReader? _departmentBy;
        private readonly string? _sourceSystem;

        public PartReader(PartMapping part, MappingFile mapping, MappingCheck check, Func<string, int> slot)
        {
            _part = part;
            _mapping = mapping;
            _fields = [.. part.Fields.Select(f => check.Reader(f, slot))];
            FieldNames = [.. part.Fields.Select(f => f.Field)];
            _id = [.. part.IdColumns.Select(slot)];
            _openedAs = part.OpenedAs is null ? -1 : mapping.Parts.ToList().FindIndex(p => p.Name == part.OpenedAs);
            _department = part.DepartmentField is null ? (-1, -1) : Place(mapping, part.DepartmentField);
            _departmentBy = part.DepartmentBy is null ? null : check.Reader(part.DepartmentBy, slot);
            _sourceSystem = check.SourceSystem(part);
        }

        public string[] FieldNames { get; }

        /// <param name="row">The row.</param>
        /// <param name="earlier">The parts before this one.</param>
        /// <param name="orphaned">Takes the warnings when this part has nothing to send.</param>
        /// <param name="problems">Takes what is wrong.</param>
        /// <param name="statistics">Counts.</param>
        public MappedRecord? Read(IRowReader row, MappedRecord?[] earlier, List<string> orphaned, List<RowProblem> problems, MappingStatistics statistics)
        {
            var record = new PushedRecord();
            var warnings = new List<string>();
            var any = false;
            foreach (var field in _fields)
            {
                var value = field.Read(row, warnings, problems, statistics);
                any |= value is not null;
                record.Values.Add(value ?? new Value());
            }

            if (!any)
            {
                orphaned.AddRange(warnings);
                return null;
            }

            var department = _part.Department ?? (_departmentBy is null ? DepartmentOf(earlier) : _departmentBy.Text(row, warnings, problems, statistics));
            if (department is null || !Refer(row, record, earlier, problems))
            {
                return null;
            }

            record.Warnings.Add(warnings.Distinct());
            return new MappedRecord(department, _sourceSystem ?? _mapping.Departments[department], record);
        }

        private string? DepartmentOf(MappedRecord?[] earlier) =>
            earlier[_department.Part]?.Record.Values[_department.Field] is { KindCase: Value.KindOneofCase.Text or Value.KindOneofCase.Code } value
                ? value.KindCase is Value.KindOneofCase.Text ? value.Text : value.Code
                : null;

        private bool Refer(IRowReader row, PushedRecord record, MappedRecord?[] earlier, List<RowProblem> problems)
        {
            if (_openedAs >= 0)
            {
                if (earlier[_openedAs] is not { } opener)
                {
                    return false;
                }

                record.OpenedAs = new SourceReference { SourceSystem = opener.SourceSystem, SourceId = opener.Record.SourceId };
                return true;
            }

            var id = string.Join(_part.IdSeparator, _id.Select(slot => row.Read(slot).Text?.Trim() ?? ""));
            if (_id.Any(slot => string.IsNullOrWhiteSpace(row.Read(slot).Text)))
            {
                problems.Add(new RowProblem(_part.IdColumns[0], "MISSING_ID", "is empty; a record needs its source's id"));
                return false;
            }

            if (id.Length > 200)
            {
                problems.Add(new RowProblem(_part.IdColumns[0], "INVALID_ID", "is longer than 200 characters"));
                return false;
            }

            record.SourceId = id;
            return true;
        }
    }

    private sealed class RuleReader(RowRule rule, (int Part, int Field) left, (int Part, int Field) right)
    {
        public (int Part, int Field) Left { get; } = left;

        public (int Part, int Field) Right { get; } = right;

        public string Warning => rule.Warning;

        public bool Holds(Value a, Value b)
        {
            if (a.KindCase != b.KindCase || Compare(a, b) is not { } order)
            {
                return false;
            }

            return rule.Comparison switch
            {
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                ">=" => order >= 0,
                "=" => order == 0,
                _ => order != 0,
            };
        }

        private static int? Compare(Value a, Value b) => a.KindCase switch
        {
            Value.KindOneofCase.Timestamp => a.Timestamp.CompareTo(b.Timestamp),
            Value.KindOneofCase.Date => a.Date.CompareTo(b.Date),
            Value.KindOneofCase.Integer => a.Integer.CompareTo(b.Integer),
            Value.KindOneofCase.Decimal => decimal.Parse(a.Decimal, System.Globalization.CultureInfo.InvariantCulture)
                .CompareTo(decimal.Parse(b.Decimal, System.Globalization.CultureInfo.InvariantCulture)),
            Value.KindOneofCase.Text => string.CompareOrdinal(a.Text, b.Text),
            Value.KindOneofCase.Code => string.CompareOrdinal(a.Code, b.Code),
            Value.KindOneofCase.Boolean => a.Boolean.CompareTo(b.Boolean),
            _ => null,
        };
    }
}
