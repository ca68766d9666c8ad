using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>
/// How a read ended. Nothing behind the positions, by partition, was shown. The owners are those of shown fields by rules that look at the record; null
/// when they are not told.
/// </summary>
internal readonly record struct ReadOutcome(
    long Rows, StatusCode Status, string Reason, IReadOnlyDictionary<int, long> Positions, IReadOnlyList<OwnerRows>? Owners);
