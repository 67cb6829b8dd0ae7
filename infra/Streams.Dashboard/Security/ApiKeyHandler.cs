using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Dashboard.Security.Sessions;

namespace Streams.Dashboard.Security;

/// <summary>Takes API keys from headers, and from browsers the cookie of a session.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiKeys keys, SessionStore sessions)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Credential.Read(Request) is { } key)
        {
            return keys.Find(ApiKey.Hash(key)) is { } caller ? Success(caller) : AuthenticateResult.Fail("the API key is not known or has expired");
        }

        if (Request.Cookies[Credential.SessionCookie] is not { Length: > 0 } session)
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            return await sessions.FindAsync(session) is { } caller ? Success(caller) : AuthenticateResult.Fail("the session is over; sign in again");
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return AuthenticateResult.Fail(
                new UncheckedException("Redis, which holds the sessions, did not answer; try again, and check it with 'streams doctor'", e));
        }
    }

    private AuthenticateResult Success(Caller caller) => AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), Scheme.Name));
}
