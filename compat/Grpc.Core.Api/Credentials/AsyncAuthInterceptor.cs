namespace Grpc.Core;

/// <summary>Adds authentication to <paramref name="metadata"/> before a call is sent; runs once per call and may wait, for a token say.</summary>
/// <param name="context">The call about to be made.</param>
/// <param name="metadata">The headers to add to.</param>
public delegate Task AsyncAuthInterceptor(AuthInterceptorContext context, Metadata metadata);
