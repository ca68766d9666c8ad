namespace Grpc.Core.Api.Tests.Statuses;

public sealed class RpcExceptionTests
{
    private static readonly Status Gone = new(StatusCode.NotFound, "gone");

    [Fact]
    public void Its_message_is_the_status()
    {
        Assert.Equal(Gone.ToString(), new RpcException(Gone).Message);
        Assert.Equal(Gone.ToString(), new RpcException(Gone, new Metadata()).Message);
    }

    [Fact]
    public void A_message_of_its_own_leaves_the_status_as_it_is()
    {
        var exception = new RpcException(Gone, "mine");

        Assert.Equal("mine", exception.Message);
        Assert.Equal("gone", exception.Status.Detail);
        Assert.Equal("mine", new RpcException(Gone, [], "mine").Message);
    }

    [Fact]
    public void It_carries_the_status_and_its_code()
    {
        var exception = new RpcException(Gone);

        Assert.Equal(Gone, exception.Status);
        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public void It_carries_its_trailers()
    {
        var trailers = new Metadata { { "reason", "CLOSED" } };

        Assert.Same(trailers, new RpcException(Gone, trailers).Trailers);
        Assert.Same(trailers, new RpcException(Gone, trailers, "mine").Trailers);
        Assert.Throws<ArgumentNullException>(() => new RpcException(Gone, (Metadata)null!));
    }

    [Fact]
    public void Without_trailers_they_are_empty_and_not_null()
    {
        Assert.Empty(new RpcException(Gone).Trailers);
        Assert.Empty(new RpcException(Gone, "mine").Trailers);
    }

    [Fact]
    public void The_local_exception_of_the_status_is_the_inner_one()
    {
        var local = new TimeoutException();

        Assert.Same(local, new RpcException(new Status(StatusCode.Unavailable, "", local)).InnerException);
        Assert.Null(new RpcException(Gone).InnerException);
    }
}
