using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Streams.Dashboard.Api;
using Streams.Dashboard.Api.OpenApi;
using Streams.Dashboard.Security.Audit;
using Streams.Dashboard.Security.Sessions;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Security;

/// <summary>Who may do what, for everything that the host serves.</summary>
internal static class SecurityExtensions
{
    private const string Select = "select";

    public static void AddSecurity(this IServiceCollection services, SecurityOptions options)
    {
        services.AddSingleton(Options.Create(options));
        services.AddSingleton<ApiKeys>().AddSingleton<SessionStore>().AddSingleton<SignInPage>().AddSingleton<AuditLog>().AddHttpContextAccessor();
        services.TryAddSingleton(TimeProvider.System);
        services.Configure<KestrelServerOptions>(server => RequestLimits.Configure(server, options));
        services.AddRateLimiter(limiter => RequestLimits.Configure(limiter, options));

        var authentication = services.AddAuthentication(Select)
            .AddPolicyScheme(Select, null, select => select.ForwardDefaultSelector = context => Scheme(context, options))
            .AddScheme<AuthenticationSchemeOptions, OpenHandler>(OpenHandler.Name, null)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.Name, null);
        if (options.Oidc.Authority.Length > 0)
        {
            authentication.AddJwtBearer(OidcTokens.Name, bearer => OidcTokens.Configure(bearer, options.Oidc));
        }

        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicy([new AccessRequirement(Operator: false)], []))
            .AddPolicy(AccessRequirement.OperatorOnly, new AuthorizationPolicy([new AccessRequirement(Operator: true)], []));
        services.AddSingleton<IAuthorizationHandler, AccessRequirement.Handler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Refusals>();
    }

    /// <summary>From the outside in. Unexpected exceptions become problems inside the audit, which notes what was answered.</summary>
    public static void UseSecurity(this IApplicationBuilder app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseMiddleware<CrossSiteGuard>();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseMiddleware<AuditMiddleware>();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseAuthorization();
    }

    public static void MapSecurity(this IEndpointRouteBuilder endpoints)
    {
        SessionEndpoints.Map(endpoints);
        endpoints.MapGet("/api/audit", AuditEndpoint.Get).RequireAuthorization(AccessRequirement.OperatorOnly).Produces<AuditAnswer>()
            .Fails(StatusCodes.Status400BadRequest)
            .Describe("operations", "Who has done what", "Everything that was more than reading, newest first. For operators.", ApiParameters.Skip, ApiParameters.Limit);
        endpoints.MapGet("/api/me", IResult (HttpContext context) => TypedResults.Json(Caller.Of(context.User), ResultJson.Options)).Produces<Caller>()
            .Describe("operations", "Who one is", "Name, role, and how that was shown: `key`, `token`, or `open` where nobody is asked.");
    }

    private static string Scheme(HttpContext context, SecurityOptions options) =>
        !options.IsOn ? OpenHandler.Name
        : options.Oidc.Authority.Length > 0 && Credential.Read(context.Request) is { } credential && Credential.IsToken(credential) ? OidcTokens.Name
        : ApiKeyHandler.Name;
}
