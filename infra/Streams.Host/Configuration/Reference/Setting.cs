namespace Streams.Host.Configuration.Reference;

/// <summary>One setting, as its options class has it.</summary>
/// <param name="Path">Names from <c>Streams</c> on; <c>NAME</c> stands for a key of one's own choice.</param>
/// <param name="Type">Of its value, without <see cref="Nullable{T}"/>.</param>
/// <param name="Default">Its value when not set; empty for none.</param>
/// <param name="Least">Least value; null without a limit.</param>
/// <param name="Most">Greatest value; null without a limit.</param>
/// <param name="Pattern">Regular expression of the whole text; null for any.</param>
/// <param name="Summary">What it does, in Markdown.</param>
internal sealed record Setting(IReadOnlyList<string> Path, Type Type, string Default, string? Least, string? Most, string? Pattern, string Summary)
{
    /// <summary>For a name that the configuration chooses.</summary>
    public const string AnyName = "NAME";

    public string Name => string.Join(':', Path);

    public bool IsInteger => Type == typeof(int) || Type == typeof(long);

    public bool IsNumber => IsInteger || Type == typeof(double) || Type == typeof(float);
}
