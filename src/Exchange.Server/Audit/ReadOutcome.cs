using Grpc.Core;

namespace Exchange.Server.Audit;

/// <summary>How a read ended.</summary>
internal readonly record struct ReadOutcome(long Rows, StatusCode Status, string Reason);
