using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Streams.Dashboard.Security.Sessions;

namespace Streams.Dashboard.Security;

/// <summary>What a caller gets who may not: problem details, or in a browser the page to sign in.</summary>
internal sealed class Refusals(SignInPage page, ILogger<Refusals> logger) : IAuthorizationMiddlewareResultHandler
{
    private const string HowTo = "show an API key or a token in the header 'Authorization: Bearer …' or 'X-Api-Key: …' (the command line: --api-key or STREAMS_API_KEY)";

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            return next(context);
        }

        return Caller.Of(context.User) is { } caller ? ForbidAsync(context, caller) : ChallengeAsync(context);
    }

    private static Task ForbidAsync(HttpContext context, Caller caller) => TypedResults.Problem(
        caller.Role is null
            ? $"{caller.Name} has no role here; ask for viewer or operator at the identity provider"
            : $"{caller.Name} is a viewer; {context.Request.Method} {context.Request.Path} needs the role operator",
        statusCode: StatusCodes.Status403Forbidden,
        title: "Not allowed").ExecuteAsync(context);

    private async Task ChallengeAsync(HttpContext context)
    {
        var failure = (await context.AuthenticateAsync()).Failure;
        if (failure is UncheckedException)
        {
            await TypedResults.Problem(failure.Message, statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "Who asks cannot be checked").ExecuteAsync(context);
            return;
        }

        if (failure is not null)
        {
            DashboardLog.CredentialRefused(logger, context.Connection.RemoteIpAddress, failure.Message);
        }

        context.Response.Headers.WWWAuthenticate = failure is null ? "Bearer realm=\"streams\"" : "Bearer realm=\"streams\", error=\"invalid_token\"";
        if (AccessRequirement.IsReading(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            await page.WriteAsync(context, wrong: false);
            return;
        }

        var detail = failure is null ? HowTo : $"{failure.Message}; {HowTo}";
        await TypedResults.Problem(detail, statusCode: StatusCodes.Status401Unauthorized, title: "Who are you?").ExecuteAsync(context);
    }
}
