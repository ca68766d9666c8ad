namespace Exchange.Catalog.Search;

/// <summary>One term of a folded text: a maximal run of CJK characters, or a word of letters and digits.</summary>
public readonly record struct SearchTerm(string Text, bool IsCjk);
