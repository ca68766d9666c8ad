using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>How a read ended. Nothing behind the positions, by partition, was shown.</summary>
internal readonly record struct ReadOutcome(long Rows, StatusCode Status, string Reason, IReadOnlyDictionary<int, long> Positions);
