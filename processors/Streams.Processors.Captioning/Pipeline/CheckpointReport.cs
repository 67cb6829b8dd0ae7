namespace Streams.Processors.Captioning.Pipeline;

/// <summary>What was loaded.</summary>
/// <param name="ModelType">model_type of config.json.</param>
/// <param name="Device">Where the weights are.</param>
/// <param name="Precision">Their type there.</param>
/// <param name="Files">Weights files and their sizes in bytes.</param>
/// <param name="Parts">The parts of the model.</param>
/// <param name="ImageSize">Pixels a side that the encoder takes.</param>
/// <param name="TokensPerImage">Visual tokens of one tile or frame.</param>
/// <param name="Vocabulary">Tokens of the vocabulary.</param>
/// <param name="ContextLength">Tokens of prompt and answer at most.</param>
public sealed record CheckpointReport(
    string ModelType,
    string Device,
    string Precision,
    IReadOnlyList<(string Name, long Bytes)> Files,
    IReadOnlyList<CheckpointPart> Parts,
    int ImageSize,
    int TokensPerImage,
    int Vocabulary,
    int ContextLength);

/// <summary>Tensors of one name and shape; layers are counted together.</summary>
/// <param name="Name">Name in the checkpoint, with * for the number of a layer.</param>
/// <param name="Shape">Shape of each.</param>
/// <param name="Count">How many.</param>
/// <param name="Parameters">Weights in all of them.</param>
public sealed record CheckpointPart(string Name, IReadOnlyList<long> Shape, int Count, long Parameters);
