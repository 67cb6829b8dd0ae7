using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Streams.Dashboard.Security;

/// <summary>
/// Refuses what another site makes a browser send: changes from its pages (CSRF), and, where nobody is asked who they are, requests under a name that
/// was pointed at this machine (DNS rebinding).
/// </summary>
internal sealed class CrossSiteGuard(RequestDelegate next, IOptions<SecurityOptions> options)
{
    private readonly bool _loopbackNamesOnly = options.Value is { IsOn: false, AllowUnauthenticated: false };

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (_loopbackNamesOnly && !Loopback.IsHost(request.Host.Host))
        {
            return RefuseAsync(context, $"the host '{Short(request.Host.Value)}' is not this machine; use localhost, or configure Streams:Security");
        }

        return AccessRequirement.IsReading(request.Method) || IsSameSite(request)
            ? next(context)
            : RefuseAsync(context, "the request comes from a page of another site");
    }

    // Browsers say it themselves; older ones only give the origin. Other clients give neither.
    private static bool IsSameSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority == request.Host.Value);
    }

    private static string? Short(string? text) => text is { Length: > 64 } ? text[..64] + "…" : text;

    private static Task RefuseAsync(HttpContext context, string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: "Not from there").ExecuteAsync(context);
}
