using Microsoft.AspNetCore.Http;

namespace Streams.Dashboard.Security;

/// <summary>Headers that keep browsers from doing more with an answer than it is for. The page sets a wider content policy of its own.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    private const string NothingRuns = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(
            static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers.XFrameOptions = "DENY";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
                if (headers.ContentSecurityPolicy.Count == 0)
                {
                    headers.ContentSecurityPolicy = NothingRuns;
                }

                // Of a caller's own; no proxy may give it to another.
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = "no-store";
                }

                if (((HttpContext)state).Request.IsHttps)
                {
                    headers.StrictTransportSecurity = "max-age=31536000";
                }

                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
