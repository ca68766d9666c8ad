namespace Exchange.EventStore.Appending;

/// <summary>Names one request of one client for at least 400 days. Keys of different clients never meet.</summary>
/// <param name="Client">The authenticated client. At most 200 characters.</param>
/// <param name="Key">The client's own key. Not empty, at most 200 characters.</param>
/// <param name="Fingerprint">Hash of the request's content, 1 to 64 bytes: the same key with another one is refused.</param>
public sealed record IdempotencyKey(string Client, string Key, ReadOnlyMemory<byte> Fingerprint);
