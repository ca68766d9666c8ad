using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Clients.Tests.Hub;

public sealed class StatusDetailsTests
{
    [Fact]
    public void The_hubs_details_become_reason_violations_and_next_step()
    {
        var details = new Google.Rpc.Status { Code = (int)StatusCode.PermissionDenied, Message = "no" };
        details.Details.Add(Any.Pack(new ErrorInfo { Domain = "dataexchange", Reason = "FIELD_NOT_READABLE", Metadata = { ["next_step"] = "ask hotline for a grant" } }));
        details.Details.Add(Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = "fields[2]", Reason = "NOT_SHARED", Description = "is not shared" } } }));
        details.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)) }));

        var read = ExchangeException.From(new RpcException(new Grpc.Core.Status(StatusCode.PermissionDenied, "no"), new Metadata { { "grpc-status-details-bin", details.ToByteArray() } }));

        Assert.Equal((StatusCode.PermissionDenied, "FIELD_NOT_READABLE", "no", "ask hotline for a grant"), (read.Code, read.Reason, read.Message, read.NextStep));
        Assert.Equal([new ExchangeException.Violation("fields[2]", "NOT_SHARED", "is not shared")], read.Violations);
        Assert.Equal(TimeSpan.FromSeconds(2), read.RetryDelay);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("garbage")]
    public void A_status_without_details_is_the_transports(string? details)
    {
        var trailers = new Metadata();
        if (details is not null)
        {
            trailers.Add("grpc-status-details-bin", System.Text.Encoding.UTF8.GetBytes(details));
        }

        var read = ExchangeException.From(new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, ""), trailers));

        Assert.Equal((StatusCode.Unavailable, "TRANSPORT", "Unavailable"), (read.Code, read.Reason, read.Message));
    }
}
