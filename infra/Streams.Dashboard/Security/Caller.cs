using System.Security.Claims;

namespace Streams.Dashboard.Security;

/// <summary>Who asks.</summary>
/// <param name="Name">The key's name, or the token's.</param>
/// <param name="Role">What they may do; null: nothing.</param>
/// <param name="Via">How they showed it: <c>key</c>, <c>token</c>, or <c>open</c> where nobody is asked.</param>
internal sealed record Caller(string Name, AccessRole? Role, string Via)
{
    private const string ViaClaim = "via";

    /// <summary>The caller of a request that has passed authentication; null when nobody is known.</summary>
    public static Caller? Of(ClaimsPrincipal user) =>
        user.Identity is not { IsAuthenticated: true, Name: { } name } ? null
        : new Caller(name, Enum.TryParse<AccessRole>(user.FindFirstValue(ClaimTypes.Role), out var role) ? role : null, user.FindFirstValue(ViaClaim) ?? "");

    public ClaimsPrincipal ToPrincipal()
    {
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, Name), new Claim(ViaClaim, Via)], Via);
        if (Role is { } role)
        {
            identity.AddClaim(new Claim(ClaimTypes.Role, role.ToString()));
        }

        return new ClaimsPrincipal(identity);
    }
}
