namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A model's config.json that cannot be built. The message names the field, its value and the remedy.</summary>
public sealed class ModelConfigException(string field, string problem, Exception? inner = null)
    : Exception($"config.json: {field}: {problem}", inner)
{
    /// <summary>The field, as config.json spells it.</summary>
    public string Field { get; } = field;
}
