namespace Grpc.Core.Api.Tests.Calls;

public sealed class CallOptionsTests
{
    [Fact]
    public void Options_left_out_are_none()
    {
        var options = new CallOptions();

        Assert.Null(options.Headers);
        Assert.Null(options.Deadline);
        Assert.Equal(CancellationToken.None, options.CancellationToken);
        Assert.Null(options.WriteOptions);
        Assert.Null(options.PropagationToken);
        Assert.Null(options.Credentials);
        Assert.False(options.IsWaitForReady);
    }

    [Fact]
    public void Options_given_are_kept()
    {
        using var cancellation = new CancellationTokenSource();
        var (headers, deadline, writing, credentials) = (new Metadata(), DateTime.UtcNow, new WriteOptions(WriteFlags.BufferHint), Credentials());

        var options = new CallOptions(headers, deadline, cancellation.Token, writing, null, credentials);

        Assert.Same(headers, options.Headers);
        Assert.Equal(deadline, options.Deadline);
        Assert.Equal(cancellation.Token, options.CancellationToken);
        Assert.Same(writing, options.WriteOptions);
        Assert.Same(credentials, options.Credentials);
    }

    [Fact]
    public void Each_change_is_made_on_a_copy_and_leaves_the_other_options()
    {
        using var cancellation = new CancellationTokenSource();
        var (headers, deadline, writing, credentials) = (new Metadata(), DateTime.UtcNow, new WriteOptions(), Credentials());
        var none = new CallOptions();

        var all = none.WithHeaders(headers).WithDeadline(deadline).WithCancellationToken(cancellation.Token)
            .WithWriteOptions(writing).WithCredentials(credentials).WithWaitForReady();

        Assert.Same(headers, all.Headers);
        Assert.Equal(deadline, all.Deadline);
        Assert.Equal(cancellation.Token, all.CancellationToken);
        Assert.Same(writing, all.WriteOptions);
        Assert.Same(credentials, all.Credentials);
        Assert.True(all.IsWaitForReady);
        Assert.Equal(default, none);
    }

    [Fact]
    public void Waiting_for_a_connection_can_be_taken_back() =>
        Assert.False(new CallOptions().WithWaitForReady().WithWaitForReady(false).IsWaitForReady);

    [Fact]
    public void Write_options_keep_their_flags()
    {
        Assert.Equal(default, WriteOptions.Default.Flags);
        Assert.Equal(default, new WriteOptions().Flags);
        Assert.Equal(WriteFlags.BufferHint | WriteFlags.NoCompress, new WriteOptions(WriteFlags.BufferHint | WriteFlags.NoCompress).Flags);
    }

    [Fact]
    public void Propagation_passes_everything_on_unless_told_otherwise()
    {
        var bounded = new ContextPropagationOptions(propagateCancellation: false);

        Assert.True(ContextPropagationOptions.Default is { IsPropagateDeadline: true, IsPropagateCancellation: true });
        Assert.True(bounded is { IsPropagateDeadline: true, IsPropagateCancellation: false });
        Assert.False(new ContextPropagationOptions(propagateDeadline: false).IsPropagateDeadline);
    }

    private static CallCredentials Credentials() => CallCredentials.FromInterceptor((_, _) => Task.CompletedTask);
}
