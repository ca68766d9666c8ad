namespace Exchange.Server.Records.Reading;

/// <summary>One caller's wait for a record as it stands.</summary>
/// <param name="Statement">What reads it.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="RecordId">Its id.</param>
/// <param name="Left">Ends when the caller waits no more.</param>
internal sealed record WantedRecord(CurrentStatement Statement, int Partition, Guid RecordId, CancellationToken Left)
{
    private readonly TaskCompletionSource<RecordFold?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The record, version 0 when there is none; null when only its events tell which of its values are left.</summary>
    public Task<RecordFold?> Answer => answer.Task;

    /// <summary>Only the first answer counts.</summary>
    public void Complete(RecordFold? record) => answer.TrySetResult(record);

    /// <summary>As <see cref="Complete"/>, when it could not be read.</summary>
    public void Fail(Exception exception) => answer.TrySetException(exception);
}
