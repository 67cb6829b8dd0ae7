using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// One model with the mean of the weights of several that were trained on from the same start ("model soup", arXiv 2203.05482): it keeps what each learned, and
/// holds better where training never was.
/// </summary>
public static class ModelAverage
{
    /// <summary>Writes the mean of <paramref name="models"/> to <paramref name="output"/>, under <paramref name="version"/>.</summary>
    /// <exception cref="CheckpointException">They are of different shapes, have different words, or weights that are not finite.</exception>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    public static void Write(IReadOnlyList<string> models, string output, string version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(models.Count, 2);
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var (config, words) = (ModelFolder.ReadConfig(models[0]) with { Version = version }, ModelFolder.ReadTokenizer(models[0]));
        var mean = ModelFolder.ReadModel(models[0], config);
        var sums = mean.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var folder in models.Skip(1))
        {
            if (ModelFolder.ReadTokenizer(folder).ToJson() != words.ToJson())
            {
                throw new CheckpointException(folder, $"the words are not those of {models[0]}; average models that were trained on from the same one");
            }

            // Read by the first one's configuration: a tensor of another shape is told by name.
            using var model = ModelFolder.ReadModel(folder, config);
            foreach (var (name, parameter) in model.named_parameters())
            {
                sums[name].add_(parameter, Scalars.One);
            }
        }

        foreach (var sum in sums.Values)
        {
            sum.div_(Scalars.Of(models.Count));
        }

        ModelFolder.Write(output, config, words, mean);
        mean.Dispose();
    }
}
