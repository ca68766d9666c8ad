namespace Exchange.Server.Records.Subjects;

/// <summary>A name in SQL that is data: a schema, table or column. Always written quoted.</summary>
internal readonly record struct SqlName(string Value)
{
    /// <summary>The quoted form.</summary>
    public string Quoted => $"\"{Value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The quoted form: a name cannot get into SQL in another one.</summary>
    public override string ToString() => Quoted;
}
