using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Streams.Dashboard.Security.Sessions;

/// <summary>The form that a browser gets which has not signed in. It stands alone: nothing else is served without a key.</summary>
internal sealed class SignInPage
{
    private const string Style = """
        body{font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark;display:grid;place-items:center;min-height:90vh;margin:0 1rem}
        form{display:grid;gap:.75rem;width:min(24rem,100%)}
        input,button{font:inherit;padding:.5rem .75rem}
        """;

    private const string Wrong = """<p role="alert"><strong>That key is not known, or has expired.</strong></p>""";

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>Answers 401 with the form.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wrong">Say that the key just given is not known.</param>
    public Task WriteAsync(HttpContext context, bool wrong)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return context.Response.WriteAsync(
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Streams: sign in</title><style>{Style}</style></head>
            <body><main><form method="post" action="/signin"><h1>Streams</h1>{(wrong ? Wrong : "")}
            <label for="key">API key</label><input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
            <button>Sign in</button></form></main></body></html>
            """,
            context.RequestAborted);
    }
}
