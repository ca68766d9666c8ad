namespace Exchange.Catalog;

/// <summary>A right, responsibility or obligation of one side.</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Party">Whose.</param>
/// <param name="Duty">What it is about.</param>
/// <param name="WithinDays">Within so many working days, 1 to 1 000; 0 where time plays no part.</param>
/// <param name="Text">In words, at most 500 characters; required for <see cref="TermDuty.Other"/>.</param>
public readonly record struct AgreementTerm(TermKind Kind, TermParty Party, TermDuty Duty, int WithinDays, string Text);
