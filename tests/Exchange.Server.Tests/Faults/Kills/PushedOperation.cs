using Exchange.Protos.V1;

namespace Exchange.Server.Tests.Faults.Kills;

/// <summary>One pushed record as its writer knows it: what it sent, and what it was told.</summary>
/// <param name="sourceId">The record's number in the writer's system.</param>
/// <param name="token">A text that no other operation writes.</param>
/// <param name="sourceVersion">Grows with every operation of a writer, so that a late repetition never undoes a newer change.</param>
internal sealed class PushedOperation(string sourceId, string token, long sourceVersion)
{
    private int receipts;

    /// <summary>The record's number in the writer's system.</summary>
    public string SourceId => sourceId;

    /// <summary>What is written as the title, and nowhere else.</summary>
    public string Token => token;

    /// <summary>Version in the source system.</summary>
    public long SourceVersion => sourceVersion;

    /// <summary>What is written as the note.</summary>
    public string Note => "note of " + token;

    /// <summary>What is sent.</summary>
    public PushedRecord Record { get; } = new()
    {
        SourceId = sourceId,
        SourceVersion = sourceVersion,
        Values = { new Value { Text = token }, new Value { Text = "note of " + token } },
    };

    /// <summary>What the writer was told; null while it was told nothing.</summary>
    public RecordResult? Result { get; private set; }

    /// <summary>When, on the machine's clock; 0 while it was told nothing.</summary>
    public long AcknowledgedAt { get; private set; }

    /// <summary>How often it was told: more than once is a fault.</summary>
    public int Receipts => Volatile.Read(ref receipts);

    /// <summary>Its receipt came.</summary>
    public void Acknowledge(RecordResult result, long now)
    {
        Result = result;
        AcknowledgedAt = now;
        Interlocked.Increment(ref receipts);
    }

    /// <summary>Its receipt never came: for the control of the judge.</summary>
    public void Forget() => (Result, AcknowledgedAt, receipts) = (null, 0, 0);
}
