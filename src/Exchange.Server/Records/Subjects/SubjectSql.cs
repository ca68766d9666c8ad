using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// The one place where SQL is built from data. It takes interpolated text only, and of its holes only names (written quoted), parameters
/// (written as positions), column types (a closed list) and whole numbers: a string from outside cannot become SQL, it does not compile.
/// </summary>
internal sealed class SubjectSql
{
    private readonly StringBuilder text = new();
    private readonly List<NpgsqlParameter> parameters = [];

    /// <summary>The statement so far.</summary>
    public string Text => text.ToString();

    /// <summary>Its parameters in the order of their positions.</summary>
    public IReadOnlyList<NpgsqlParameter> Parameters => parameters;

    /// <summary>Adds a piece.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "the handler writes into this builder")]
    [SuppressMessage("Style", "IDE0060:Remove unused parameter", Justification = "the handler has written the piece when this is called")]
    public SubjectSql Append([InterpolatedStringHandlerArgument("")] Piece piece) => this;

    /// <summary>Adds a piece for each item, with a separator between.</summary>
    public SubjectSql AppendEach<T>(IEnumerable<T> items, string separator, Action<SubjectSql, T> append)
    {
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                text.Append(separator);
            }

            isFirst = false;
            append(this, item);
        }

        return this;
    }

    /// <summary>The statement as a member of a batch.</summary>
    public NpgsqlBatchCommand ToBatchCommand()
    {
        var command = new NpgsqlBatchCommand(Text);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>The statement as a command of a connection.</summary>
    public NpgsqlCommand ToCommand(NpgsqlConnection connection, NpgsqlTransaction? transaction = null)
    {
        var command = new NpgsqlCommand(Text, connection, transaction);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Interpolated SQL on its way into a builder.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Piece
    {
        private readonly SubjectSql sql;

        [SuppressMessage("Style", "IDE0060:Remove unused parameter", Justification = "the compiler's pattern demands both")]
        public Piece(int literalLength, int formattedCount, SubjectSql sql) => this.sql = sql;

        public void AppendLiteral(string value) => sql.text.Append(value);

        public void AppendFormatted(SqlName name) => sql.text.Append(name.Quoted);

        public void AppendFormatted(SqlType type) => sql.text.Append(type.Definition);

        public void AppendFormatted(int number) => sql.text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(NpgsqlParameter parameter)
        {
            // The same value again takes the position it has: plans repeat their conditions for each field.
            var position = sql.parameters.FindIndex(known => known.NpgsqlDbType == parameter.NpgsqlDbType && Equals(known.Value, parameter.Value)) + 1;
            if (position is 0)
            {
                sql.parameters.Add(parameter);
                position = sql.parameters.Count;
            }

            sql.text.Append(CultureInfo.InvariantCulture, $"${position}");
        }
    }
}
