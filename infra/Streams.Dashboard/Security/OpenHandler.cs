using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streams.Dashboard.Security;

/// <summary>Where nobody is asked who they are, everybody is an operator, known by their address.</summary>
internal sealed class OpenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "open";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = new Caller($"anybody at {Context.Connection.RemoteIpAddress}", AccessRole.Operator, Name);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(caller.ToPrincipal(), Scheme.Name)));
    }
}
