namespace Grpc.Core.Api.Tests.Statuses;

public sealed class StatusTests
{
    [Fact]
    public void The_default_statuses_have_no_detail()
    {
        Assert.Equal((StatusCode.OK, ""), (Status.DefaultSuccess.StatusCode, Status.DefaultSuccess.Detail));
        Assert.Equal((StatusCode.Cancelled, ""), (Status.DefaultCancelled.StatusCode, Status.DefaultCancelled.Detail));
    }

    [Fact]
    public void An_unset_status_is_OK() => Assert.Equal(StatusCode.OK, default(Status).StatusCode);

    [Fact]
    public void A_status_keeps_its_parts()
    {
        var exception = new InvalidOperationException("local");

        var status = new Status(StatusCode.Unavailable, "away", exception);

        Assert.Equal((StatusCode.Unavailable, "away"), (status.StatusCode, status.Detail));
        Assert.Same(exception, status.DebugException);
        Assert.Null(new Status(StatusCode.Unavailable, "away").DebugException);
    }

    [Fact]
    public void Statuses_with_equal_parts_are_equal()
    {
        Assert.Equal(new Status(StatusCode.NotFound, "gone"), new Status(StatusCode.NotFound, "gone"));
        Assert.NotEqual(new Status(StatusCode.NotFound, "gone"), new Status(StatusCode.NotFound, "other"));
    }

    [Fact]
    public void A_status_is_printed_on_one_line() =>
        Assert.Equal("""Status(StatusCode="NotFound", Detail="no such record")""", new Status(StatusCode.NotFound, "no such record").ToString());

    [Fact]
    public void The_local_exception_is_printed_without_its_stack()
    {
        Exception thrown;
        try
        {
            throw new TimeoutException("too late");
        }
        catch (TimeoutException e)
        {
            thrown = e;
        }

        Assert.Equal(
            """Status(StatusCode="Internal", Detail="broken", DebugException="System.TimeoutException: too late")""",
            new Status(StatusCode.Internal, "broken", thrown).ToString());
    }
}
