using Exchange.Policy.Matchers;
using Exchange.Policy.Roles;

namespace Exchange.Policy.Enforcement;

/// <summary>
/// A role term of a matcher as a step of the index: whose roles, in which domain (null where the relation has none), lead to a
/// rule's column. Steps of the same term instance reach the same. The domain may be what a key equals in place of the rule's own:
/// then only a text is the same.
/// </summary>
internal sealed record RoleStep(MatcherExpression Term, RoleGraph Graph, int Column, MatcherValue Name, MatcherValue? Domain, bool IsDomainOfKey);
