namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A model's config.json, or a file beside it, that cannot be built. The message names file, field, value and remedy.</summary>
public sealed class ModelConfigException(string field, string problem, Exception? inner = null, string file = "config.json")
    : Exception($"{file}: {field}: {problem}", inner)
{
    /// <summary>The field, as the file spells it.</summary>
    public string Field { get; } = field;
}
