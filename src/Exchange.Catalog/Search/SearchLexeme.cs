namespace Exchange.Catalog.Search;

/// <summary>What the index is asked for: a lexeme, or every lexeme that begins with it.</summary>
public readonly record struct SearchLexeme(string Text, bool IsPrefix);
