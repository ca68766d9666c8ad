using Exchange.Catalog;

namespace Exchange.Server.Records.Subjects;

/// <summary>Where one field stands in its subject table. A POINT takes two columns, latitude and longitude.</summary>
internal sealed record SubjectColumn(FieldDefinition Field, SqlName Name, SqlName? Longitude)
{
    /// <summary>The columns with their types.</summary>
    public IEnumerable<(SqlName Name, SqlType Type)> Definitions => Longitude is { } longitude
        ? [(Name, SqlType.Degrees), (longitude, SqlType.Degrees)]
        : [(Name, SqlType.Of(Field.Type))];
}
