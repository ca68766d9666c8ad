using Exchange.EventStore.Appending;
using Exchange.Server.Grpc;
using Google.Rpc;
using Grpc.Core;

namespace Exchange.Server.Tests.Grpc;

public sealed class AppendRefusalTests
{
    [Theory]
    [InlineData(AppendRefusalReason.Overloaded, StatusCode.ResourceExhausted)]
    [InlineData(AppendRefusalReason.DiskNearlyFull, StatusCode.ResourceExhausted)]
    [InlineData(AppendRefusalReason.Unavailable, StatusCode.Unavailable)]
    [InlineData(AppendRefusalReason.Closed, StatusCode.Unavailable)]
    public void What_the_store_says_of_when_to_come_again_reaches_the_caller(AppendRefusalReason reason, StatusCode code)
    {
        var refusal = new AppendRefusal(reason, "not now") { RetryAfter = TimeSpan.FromSeconds(30) };

        var exception = refusal.ToRefusal().ToException();

        Assert.Equal(code, exception.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), exception.Detail<RetryInfo>()?.RetryDelay.ToTimeSpan());
    }
}
