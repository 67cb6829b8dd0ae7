using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Streams.Dashboard.Security.Audit;

/// <summary>
/// Notes every request of a known caller that is more than reading: before, so that one which the process does not outlive is known too, and after, with
/// what came of it.
/// </summary>
internal sealed class AuditMiddleware(RequestDelegate next, AuditLog audit, TimeProvider time, ILogger<AuditMiddleware> logger)
{
    private const int MaxBody = 2_000;
    private const int MaxAction = 2_000;

    public async Task InvokeAsync(HttpContext context)
    {
        // What is open to everybody is no operator's action; the sign-in's body is a key, and must not be noted.
        if (AccessRequirement.IsReading(context.Request.Method)
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || Caller.Of(context.User) is not { } caller)
        {
            await next(context);
            return;
        }

        var request = context.Request;
        var from = $"{context.Connection.RemoteIpAddress}";
        var action = Printable($"{request.Method} {request.Path}{request.QueryString}", MaxAction);
        DashboardLog.Asked(logger, context.TraceIdentifier, caller.Name, caller.Role, caller.Via, from, action);
        // The endpoint reads it first; it is bounded by MaxRequestBytes.
        request.EnableBuffering();
        var written = false;
        async Task WriteAsync()
        {
            if (!written)
            {
                written = true;
                await audit.WriteAsync(new AuditEntry(
                    context.TraceIdentifier, time.GetUtcNow(), caller.Name, caller.Role, caller.Via, from, action, await BodyAsync(request),
                    context.Response.StatusCode));
            }
        }

        // Before the answer: who has it finds its entry.
        context.Response.OnStarting(WriteAsync);
        await next(context);
        await WriteAsync();
    }

    private static async Task<string?> BodyAsync(HttpRequest request)
    {
        // What the endpoint has not read is not read now: it did not count, and may be without end.
        request.Body.Position = 0;
        if (request.Body.Length == 0)
        {
            return null;
        }

        var bytes = new byte[Math.Min(MaxBody, request.Body.Length)];
        var read = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
        return Printable(Encoding.UTF8.GetString(bytes, 0, read), MaxBody);
    }

    /// <summary>Without line ends, with which a request could write lines of its own into a log.</summary>
    private static string Printable(string text, int length) =>
        string.Create(Math.Min(text.Length, length), text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
}
