using Microsoft.AspNetCore.Http;
using Streams.Dashboard.Api;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Security.Audit;

/// <summary><c>GET /api/audit?skip=&amp;limit=</c>, for operators: <c>{"actions":[…]}</c>, newest first.</summary>
internal static class AuditEndpoint
{
    public static async Task<IResult> Get(HttpRequest request, AuditLog audit) =>
        TypedResults.Json(new AuditAnswer(await audit.ReadAsync(QueryArguments.Skip(request), QueryArguments.Limit(request))), ResultJson.Options);
}
