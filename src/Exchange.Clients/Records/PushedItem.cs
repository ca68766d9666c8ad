using Exchange.Protos.V1;

namespace Exchange.Clients.Records;

/// <summary>One record of a push with what the caller keeps beside it.</summary>
/// <param name="Record">The record.</param>
/// <param name="Tag">The caller's.</param>
/// <typeparam name="TTag">Its type.</typeparam>
public readonly record struct PushedItem<TTag>(PushedRecord Record, TTag Tag);
