using Exchange.Policy.Conditions;
using Exchange.Server.Records.Subjects;

namespace Exchange.Server.Records.Pull.Paging;

/// <summary>A result row as the reader's filter reads it.</summary>
internal readonly struct CheckedRow(PullShape shape, SubjectRow row) : IRow
{
    /// <inheritdoc/>
    public FieldValue Get(int number)
    {
        for (var place = 0; place < shape.Checked.Length; place++)
        {
            if (shape.Checked[place].Number == number)
            {
                return row.Value(shape.CheckedOrdinals[place], shape.Checked[place].Type);
            }
        }

        throw new InvalidOperationException($"attribute {number} was not selected");
    }
}
