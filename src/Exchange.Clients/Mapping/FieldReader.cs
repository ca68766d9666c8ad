using Exchange.Clients.Files;
using Exchange.Protos.V1;

namespace Exchange.Clients.Mapping;

/// <summary>Reads one field out of a row, as a <see cref="FieldMapping"/> says.</summary>
internal sealed class FieldReader
{
    /// <summary>Warning: the text holds U+FFFD, so characters were lost before the file was written.</summary>
    public const string DamagedText = "TEXT_DAMAGED";

    private readonly FieldMapping _mapping;
    private readonly ValueReader _values;
    private readonly (int Slot, string Name)[] _columns;
    private readonly (int Slot, string Name)? _unless;
    private readonly FieldReader[] _items;
    private readonly bool _isList;

    /// <param name="mapping">What to read.</param>
    /// <param name="type">Type of the field.</param>
    /// <param name="values">Reader of its type.</param>
    /// <param name="slot">Gives a column's place in the reader's request.</param>
    public FieldReader(FieldMapping mapping, FieldType type, ValueReader values, Func<string, int> slot)
    {
        _mapping = mapping;
        _values = values;
        _isList = type is FieldType.TextList;
        var columns = mapping.Point is var (latitude, longitude) ? [latitude, longitude] : mapping.Columns;
        _columns = [.. columns.Select(c => (slot(c), c))];
        _unless = mapping.Unless is { } unless ? (slot(unless.Column), unless.Column) : null;
        _items = [.. mapping.Items.Select(i => new FieldReader(i, FieldType.Text, values, slot))];
    }

    public string Field => _mapping.Field;

    /// <summary>The value; null when the row has none, or has a wrong one, which is then noted.</summary>
    public Value? Read(IRowReader row, List<string> warnings, List<RowProblem> problems, MappingStatistics statistics)
    {
        var value = Unclear(row, warnings, problems, statistics);
        return value is null && _mapping.ClearWhenEmpty && problems.Count == 0 ? new Value { Clear = true } : value;
    }

    /// <summary>The text after every step of the mapping, before it becomes a value.</summary>
    public string? Text(IRowReader row, List<string> warnings, List<RowProblem> problems, MappingStatistics statistics)
    {
        var text = (_mapping.Constant ?? Raw(row, warnings, problems))?.Trim();
        if (text is { Length: > 0 } && _mapping.Split is { } split && _mapping.Item is { } item)
        {
            var pieces = text.Split(split, StringSplitOptions.TrimEntries);
            var place = item < 0 ? pieces.Length + item : item;
            text = place >= 0 && place < pieces.Length ? pieces[place] : null;
        }

        if (text is { Length: > 0 } && _mapping.Extract is { } extract)
        {
            var match = extract.Match(text);
            if (!match.Success)
            {
                problems.Add(new RowProblem(Column, "UNEXPECTED_FORMAT", "does not match the mapping's `extract`; widen the pattern"));
                return null;
            }

            text = match.Groups[match.Groups.Count > 1 ? 1 : 0].Value;
        }

        if (string.IsNullOrEmpty(text))
        {
            return _mapping.Default;
        }

        text = _mapping.PadZeros > 0 ? text.PadLeft(_mapping.PadZeros, '0') : text;
        text = _mapping.Codes is not null || _mapping.Rules.Count > 0 ? Known(text, warnings, problems, statistics) : text;
        return text is null ? null : _mapping.Prefix + text;
    }

    private Value? Unclear(IRowReader row, List<string> warnings, List<RowProblem> problems, MappingStatistics statistics)
    {
        if (_unless is { } unless && Cell(row, unless.Slot, warnings, problems) is { } told && _mapping.Unless!.Match.IsMatch(told))
        {
            if (_mapping.Unless.Warning is { } warning)
            {
                warnings.Add(warning);
            }

            return null;
        }

        if (_mapping.Point is not null)
        {
            var latitude = Cell(row, _columns[0].Slot, warnings, problems);
            var longitude = Cell(row, _columns[1].Slot, warnings, problems);
            return latitude is null && longitude is null ? null : ValueReader.ReadPoint(latitude ?? "", longitude ?? "", _columns[0].Name, problems);
        }

        if (_isList)
        {
            var list = new TextList { Values = { Items(row, warnings, problems, statistics) } };
            return list.Values.Count == 0 ? null : new Value { TextList = list };
        }

        return (Text(row, warnings, problems, statistics), _mapping.CodeSystem) switch
        {
            (null, _) => null,
            ({ } text, { } system) => new Value { SourceCode = text, CodeSystem = system },
            ({ } text, null) => _values.Read(text, Column, warnings, problems),
        };
    }

    private string Column => _columns.Length > 0 ? _columns[0].Name : "";

    private IEnumerable<string> Items(IRowReader row, List<string> warnings, List<RowProblem> problems, MappingStatistics statistics)
    {
        if (_items.Length > 0)
        {
            return _items.Select(i => i.Text(row, warnings, problems, statistics)).OfType<string>();
        }

        if (_mapping.Split is null && _columns.Length == 1 && row.Read(_columns[0].Slot) is { Items: { } items })
        {
            return items.Where(i => i.Length > 0);
        }

        var text = Text(row, warnings, problems, statistics);
        return text is null ? []
            : _mapping.Split is { } split && _mapping.Item is null ? text.Split(split, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            : [text];
    }

    private string? Known(string text, List<string> warnings, List<RowProblem> problems, MappingStatistics statistics)
    {
        if (_mapping.Codes is { } codes && codes.TryGetValue(text, out var mapped))
        {
            return mapped;
        }

        if (_mapping.Rules.Count > 0)
        {
            var recognised = Passages(text).Select(Rule).FirstOrDefault(r => r is not null);
            statistics.CountText(Field, recognised is not null);
            if (recognised is not null)
            {
                return recognised.Value;
            }
        }

        if (!_mapping.HasOtherwise)
        {
            problems.Add(new RowProblem(Column, "UNKNOWN_CODE", "is not in the mapping's `codes` or `rules`; add it there, or say `otherwise`"));
            return null;
        }

        if (_mapping.OtherwiseWarning is { } warning)
        {
            warnings.Add(warning);
        }

        return _mapping.Otherwise;
    }

    private IEnumerable<string> Passages(string text) =>
        _mapping.Passages.Count == 0
            ? [text]
            : _mapping.Passages.Select(p => p.Match(text)).Where(m => m.Success).Select(m => m.Groups[m.Groups.Count > 1 ? 1 : 0].Value);

    private TextRule? Rule(string passage) => _mapping.Rules.FirstOrDefault(r => r.Match.IsMatch(passage));

    private string? Raw(IRowReader row, List<string> warnings, List<RowProblem> problems)
    {
        if (_columns.Length == 1)
        {
            return Cell(row, _columns[0].Slot, warnings, problems);
        }

        var filled = new List<string>(_columns.Length);
        foreach (var (slot, _) in _columns)
        {
            if (Cell(row, slot, warnings, problems)?.Trim() is { Length: > 0 } text)
            {
                filled.Add(text);
            }
        }

        return string.Join(_mapping.Join, filled);
    }

    private static string? Cell(IRowReader row, int slot, List<string> warnings, List<RowProblem> problems)
    {
        var cell = row.Read(slot);
        if (cell.Problem is { } problem)
        {
            problems.Add(problem);
        }

        var text = cell.Items is { } items ? string.Join(", ", items) : cell.Text;
        if (text?.Contains('\uFFFD', StringComparison.Ordinal) is true)
        {
            warnings.Add(DamagedText);
        }

        return text;
    }
}
