namespace Exchange.Policy.Conditions;

/// <summary>Tells whether the text contains all terms of the search's phrase. What a term is, its implementer decides.</summary>
public delegate bool TextMatch(string text, Condition.Search search);
