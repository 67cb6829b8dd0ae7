using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Streams.Dashboard.Security;

/// <summary>Viewers may read; everything else needs an operator, whichever endpoint it is: one that is added later is safe without a thought.</summary>
/// <param name="Operator">Reading, too.</param>
internal sealed record AccessRequirement(bool Operator) : IAuthorizationRequirement
{
    /// <summary>The policy of endpoints that only operators read.</summary>
    public const string OperatorOnly = "operator";

    internal sealed class Handler(IHttpContextAccessor http) : AuthorizationHandler<AccessRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRequirement requirement)
        {
            var request = http.HttpContext!.Request;
            var needed = requirement.Operator || !IsReading(request.Method) ? AccessRole.Operator : AccessRole.Viewer;
            if (Caller.Of(context.User)?.Role >= needed)
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }

    public static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
}
