using Exchange.Catalog;

namespace Exchange.Server.Records.Subjects;

/// <summary>
/// Where one field stands in its subject table. A POINT takes two columns, latitude and longitude; a CODE too, the second for what its source has for
/// it, as <see cref="Policy.Conditions.SourcedCode.Source"/> tells.
/// </summary>
/// <param name="Field">The field.</param>
/// <param name="Name">Its column, or the first of the two.</param>
/// <param name="Longitude">Of a POINT: the second.</param>
/// <param name="Source">Of a CODE: the second.</param>
/// <param name="IsSourced">True when something may stand in <paramref name="Source"/>; until then nobody reads or writes it.</param>
internal sealed record SubjectColumn(FieldDefinition Field, SqlName Name, SqlName? Longitude = null, SqlName? Source = null, bool IsSourced = false)
{
    /// <summary>The second column, where it is read and written with the first.</summary>
    public SqlName? Second => Longitude ?? (IsSourced ? Source : null);

    /// <summary>How many columns are read and written.</summary>
    public int Width => Second is null ? 1 : 2;

    /// <summary>The columns with their types.</summary>
    public IEnumerable<(SqlName Name, SqlType Type)> Definitions => (Longitude ?? Source) is { } second
        ? [(Name, SqlType.Of(this)), (second, SqlType.Of(this))]
        : [(Name, SqlType.Of(this))];
}
