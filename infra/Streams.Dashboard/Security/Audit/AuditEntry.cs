namespace Streams.Dashboard.Security.Audit;

/// <summary>What somebody did, or tried to.</summary>
/// <param name="Id">Of the request, as in the program's log.</param>
/// <param name="Time">When it was answered.</param>
/// <param name="Who">The key's name, or the token's.</param>
/// <param name="Role">What they may do; null: nothing.</param>
/// <param name="Via">How they showed who they are: <c>key</c>, <c>token</c>, or <c>open</c> where nobody is asked.</param>
/// <param name="From">The address that they came from.</param>
/// <param name="Action">Method, path and query.</param>
/// <param name="Body">The beginning of the request's body, if it had one.</param>
/// <param name="Status">HTTP status of the answer: 2xx where it was done, 403 where it was not allowed.</param>
public sealed record AuditEntry(
    string Id, DateTimeOffset Time, string Who, AccessRole? Role, string Via, string From, string Action, string? Body, int Status);
