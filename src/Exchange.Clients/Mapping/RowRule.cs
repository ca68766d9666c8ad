namespace Exchange.Clients.Mapping;

/// <summary>A doubt about a row: compares two of its fields; when it holds, the warning is kept with the record.</summary>
/// <param name="Left">Field; the warning goes with the part that sends it.</param>
/// <param name="Comparison">One of &lt;, &lt;=, &gt;, &gt;=, =, !=.</param>
/// <param name="Right">Field. The rule does not hold where either has no value.</param>
/// <param name="Warning">Stable UPPER_SNAKE reason.</param>
/// <param name="Line">Line of the file, for messages.</param>
public sealed record RowRule(string Left, string Comparison, string Right, string Warning, long Line);
