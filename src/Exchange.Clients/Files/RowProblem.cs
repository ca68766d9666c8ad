namespace Exchange.Clients.Files;

/// <summary>Why a row cannot be used.</summary>
/// <param name="Column">Column at fault; empty when it is the whole row.</param>
/// <param name="Reason">Stable UPPER_SNAKE reason.</param>
/// <param name="Message">For people, with the fix; never a cell's content.</param>
public sealed record RowProblem(string Column, string Reason, string Message);
