namespace Exchange.Server.Identity;

/// <summary>Refusals of one address for one reason within one minute, over all nodes.</summary>
/// <param name="Minute">Its beginning.</param>
/// <param name="Address">The address as policies see it; `others` for those beyond what a node tells apart.</param>
/// <param name="Reason">The reason's code, or the OAuth error.</param>
/// <param name="Count">How many.</param>
internal readonly record struct RefusedRequest(DateTimeOffset Minute, string Address, string Reason, long Count);
