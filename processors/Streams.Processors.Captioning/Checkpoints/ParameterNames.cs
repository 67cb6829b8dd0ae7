namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>What the parameters of a model are called in the checkpoints of its family: prefix by prefix.</summary>
internal sealed class ParameterNames(params (string Module, string File)[] prefixes)
{
    /// <summary>
    /// MM1's parts carry the names that they have in their own published checkpoints, so that those load as they are; only the connector,
    /// whose own names start at "net", gets a prefix.
    /// </summary>
    public static ParameterNames Mm1 { get; } = new(("vision_tower.", string.Empty), ("language_model.", string.Empty), ("connector.", "connector."));

    /// <summary>Idefics3 and SmolVLM.</summary>
    public static ParameterNames SmolVlm { get; } = new(
        ("vision_tower.vision_model.", "model.vision_model."),
        ("connector.", "model.connector.modality_projection."),
        ("language_model.model.", "model.text_model."),
        ("language_model.lm_head.", "lm_head."));

    public string InFile(string parameter)
    {
        var (module, file) = prefixes.First(prefix => parameter.StartsWith(prefix.Module, StringComparison.Ordinal));
        return file + parameter[module.Length..];
    }
}
