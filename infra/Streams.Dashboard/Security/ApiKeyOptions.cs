namespace Streams.Dashboard.Security;

/// <summary>An API key, as the configuration has it: never the key itself.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>
    /// <c>sha256:</c> and the 64 hexadecimal digits of the key's SHA-256, as <c>streams keys create</c> prints it. Keys are random, so a slow hash would
    /// add nothing.
    /// </summary>
    public string Hash { get; set; } = "";

    /// <summary>What its bearer may do.</summary>
    public AccessRole Role { get; set; } = AccessRole.Viewer;

    /// <summary>When it ends; null: never.</summary>
    public DateTimeOffset? Expires { get; set; }
}
