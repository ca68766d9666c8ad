namespace Exchange.Server.Records.Events;

/// <summary>Stored names of record events. They stand in every log for good.</summary>
internal static class RecordEventTypes
{
    /// <summary>The owner wrote fields; the first of a stream opens the record.</summary>
    public const string FieldsPushed = "fields-pushed";

    /// <summary>Somebody who is not the owner suggests values.</summary>
    public const string FieldsProposed = "fields-proposed";

    /// <summary>A reader of a value says that it is wrong.</summary>
    public const string ValueDisputed = "value-disputed";

    /// <summary>A proposal or dispute is over.</summary>
    public const string ProposalDecided = "proposal-decided";
}
