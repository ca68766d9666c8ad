using Exchange.Catalog;
using Grpc.Core;

namespace Exchange.Server.Identity;

/// <summary>Who calls, for service methods.</summary>
public static class CallerContext
{
    extension(ServerCallContext context)
    {
        /// <summary>The authenticated caller. Every RPC but health has one: the edge refuses the others.</summary>
        public Caller Caller => context.GetHttpContext().Features.Get<AccessToken>()?.Caller
            ?? throw new InvalidOperationException($"{context.Method} is open to anybody: it has no caller");

        /// <summary>The caller if it has one of the roles; else ROLE_REQUIRED.</summary>
        public Result<Caller> CallerIn(params ReadOnlySpan<Role> roles)
        {
            var caller = context.Caller;
            if (roles.Contains(caller.Role))
            {
                return caller;
            }

            var needed = string.Join(" or ", roles.ToArray().Select(RoleNames.ToText));
            return new Refusal(RefusalReason.RoleRequired, $"this needs a client with the role {needed}; ask the hub's operator for one")
            {
                Metadata = new Dictionary<string, string> { ["role"] = RoleNames.ToText(caller.Role), ["needed"] = needed },
            };
        }
    }
}
