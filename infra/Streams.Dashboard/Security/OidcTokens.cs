using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;

namespace Streams.Dashboard.Security;

/// <summary>Takes bearer tokens of the identity provider.</summary>
internal static class OidcTokens
{
    public const string Name = "token";

    private static readonly TimeSpan ProviderTimeout = TimeSpan.FromSeconds(5);

    // Signatures by the provider's private key. A shared secret is not taken: whoever checks with it could also sign with it.
    private static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static void Configure(JwtBearerOptions bearer, OidcOptions oidc)
    {
        bearer.Authority = oidc.Authority;
        bearer.RequireHttpsMetadata = !new Uri(oidc.Authority).IsLoopback;
        bearer.MapInboundClaims = false;
        bearer.BackchannelTimeout = ProviderTimeout;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = oidc.Audience,
            ValidAlgorithms = Algorithms,
            ClockSkew = TimeSpan.FromMinutes(1),
        };
        bearer.Events = new JwtBearerEvents
        {
            OnMessageReceived = context =>
            {
                context.Token = Credential.Read(context.Request);
                return Task.CompletedTask;
            },
            OnTokenValidated = context =>
            {
                var user = context.Principal!;
                var name = user.FindFirst(oidc.NameClaim)?.Value ?? user.FindFirst("sub")?.Value ?? "nameless";
                AccessRole? role = user.HasClaim(oidc.RoleClaim, oidc.OperatorRole) ? AccessRole.Operator
                    : user.HasClaim(oidc.RoleClaim, oidc.ViewerRole) ? AccessRole.Viewer
                    : null;
                context.Principal = new Caller(name, role, Name).ToPrincipal();
                return Task.CompletedTask;
            },
            OnAuthenticationFailed = async context => context.Fail(await FailureAsync(context)),
        };
    }

    private static async Task<Exception> FailureAsync(AuthenticationFailedContext context)
    {
        try
        {
            // A provider that is away looks to the token's validator like one without keys. Where it is there, this is a look into the cache.
            await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return new UncheckedException($"the identity provider {context.Options.Authority} did not answer; try again, or use an API key", e);
        }

        return new SecurityTokenException(context.Exception switch
        {
            SecurityTokenExpiredException => "the token has expired",
            SecurityTokenInvalidAudienceException => "the token is for another audience",
            _ => "the token is not one of the identity provider's",
        });
    }
}
