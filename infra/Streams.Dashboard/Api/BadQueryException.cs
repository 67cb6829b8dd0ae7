namespace Streams.Dashboard.Api;

/// <summary>A request that cannot be answered; becomes problem details.</summary>
internal sealed class BadQueryException(int status, string title, string detail) : Exception(detail)
{
    public int Status => status;

    public string Title => title;

    public static BadQueryException Argument(string name, string? value, string problem) =>
        new(400, "Bad argument", $"{name}: '{(value is { Length: > 64 } ? value[..64] + "…" : value)}' {problem}");

    public static BadQueryException NotFound(string what) => new(404, "Not found", what);
}
