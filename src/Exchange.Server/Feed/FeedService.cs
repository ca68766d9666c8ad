namespace Exchange.Server.Feed;

/// <summary>The feed's service as gRPC and reflection know it. Its one method is served by <see cref="FeedEndpoint"/>.</summary>
internal sealed class FeedService : Protos.V1.FeedService.FeedServiceBase;
