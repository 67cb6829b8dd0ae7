using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Streams.Dashboard.Security.Sessions;

/// <summary><c>POST /signin</c> with the form field <c>key</c> begins a browser's session, <c>POST /signout</c> ends it.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/signin", SignInAsync).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapPost("/signout", SignOutAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task SignInAsync(HttpContext context, SessionStore sessions, SignInPage page, IOptions<SecurityOptions> options)
    {
        if (await sessions.BeginAsync(await KeyAsync(context)) is not { } session)
        {
            await page.WriteAsync(context, wrong: true);
            return;
        }

        context.Response.Cookies.Append(Credential.SessionCookie, session, Cookie(context, options.Value.SessionLifetime));
        Home(context);
    }

    /// <summary>The key in the form; empty where there is none.</summary>
    private static async Task<string> KeyAsync(HttpContext context)
    {
        // The form's own type only: others are read part by part, and fail in more ways.
        if (context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true)
        {
            return "";
        }

        try
        {
            return (await context.Request.ReadFormAsync(context.RequestAborted))["key"].ToString();
        }
        catch (InvalidDataException)
        {
            // More fields, or longer ones, than a form may have.
            return "";
        }
    }

    private static async Task SignOutAsync(HttpContext context, SessionStore sessions)
    {
        if (context.Request.Cookies[Credential.SessionCookie] is { } session)
        {
            await sessions.EndAsync(session);
            context.Response.Cookies.Delete(Credential.SessionCookie, Cookie(context, lifetime: null));
        }

        Home(context);
    }

    private static CookieOptions Cookie(HttpContext context, TimeSpan? lifetime) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, MaxAge = lifetime, Path = "/" };

    private static void Home(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = "/";
    }
}
