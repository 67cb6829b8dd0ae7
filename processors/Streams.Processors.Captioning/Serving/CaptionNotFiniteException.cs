namespace Streams.Processors.Captioning.Serving;

/// <summary>The model's scores of a clip are not numbers: its weights are damaged, or its type of weights is too narrow for this clip.</summary>
/// <param name="model">Name and version of the model.</param>
public sealed class CaptionNotFiniteException(string model)
    : Exception(
        $"{model} gives scores that are not finite for this clip; check the weights (streams captioner load), "
        + "or set Streams:Captioner:Precision to float32");
