using Exchange.Server.Access;

namespace Exchange.Server.Feed;

/// <summary>Views of equal keys show the same of every event, byte for byte.</summary>
/// <param name="Plan">The very plan: one that was made anew, if only for the same caller, is another.</param>
/// <param name="Fields">Places of the fields, in the order of the columns.</param>
/// <param name="Filter">The filter, printed.</param>
internal readonly record struct FeedViewKey(ReadPlan Plan, string Fields, string Filter);
