namespace Exchange.Clients.Files;

/// <summary>A column that the reader of a file wants, by header name (CSV) or path such as `a.b.0` (JSON).</summary>
/// <param name="Name">Name or path.</param>
/// <param name="Optional">False: a CSV file without it is refused as a whole.</param>
public sealed record RequestedColumn(string Name, bool Optional);
