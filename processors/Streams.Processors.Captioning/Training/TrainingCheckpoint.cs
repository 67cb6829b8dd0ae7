using System.Text.Json;
using Streams.Processors.Captioning.Checkpoints;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>An interrupted training: weights, read-outs and the optimiser's state, in a folder that takes its name when it is whole.</summary>
/// <param name="Options">Of the training that was interrupted, without what may differ.</param>
/// <param name="Stage">Index of the stage.</param>
/// <param name="Step">Steps done of it.</param>
/// <param name="LogLines">Lines of the log by then.</param>
internal sealed record TrainingCheckpoint(CaptionerTrainingOptions Options, int Stage, int Step, int LogLines)
{
    private const string Folder = "checkpoint";
    private const string PositionFile = "position.json";
    private const string WeightsFile = "weights.safetensors";
    private const string OptimizerFile = "optimizer.safetensors";

    /// <summary>The checkpoint in <paramref name="output"/>.</summary>
    /// <exception cref="CheckpointException">There is none, or it is of a training with other options.</exception>
    public static TrainingCheckpoint Read(string output, CaptionerTrainingOptions options)
    {
        var path = Path.Combine(output, Folder, PositionFile);
        if (!File.Exists(path))
        {
            throw new CheckpointException(path, "is not there: no interrupted training to resume; start one without --resume");
        }

        var checkpoint = JsonSerializer.Deserialize<TrainingCheckpoint>(File.ReadAllBytes(path))!;
        return checkpoint.Options == options.Identity
            ? checkpoint
            : throw new CheckpointException(path, $"is of a training with other options: {checkpoint.Options}. Resume with these");
    }

    public void Write(string output, IEnumerable<(string Name, Tensor Tensor)> weights, AdamW optimizer)
    {
        var next = Path.Combine(output, Folder + ".next");
        Delete(next);
        Directory.CreateDirectory(next);
        File.WriteAllText(Path.Combine(next, PositionFile), JsonSerializer.Serialize(this));
        SafetensorsFile.Write(Path.Combine(next, WeightsFile), weights, new Dictionary<string, string> { ["format"] = "pt" });
        SafetensorsFile.Write(Path.Combine(next, OptimizerFile), optimizer.State, new Dictionary<string, string> { ["format"] = "pt" });
        Remove(output);
        Directory.Move(next, Path.Combine(output, Folder));
    }

    public static void ReadWeights(string output, IEnumerable<(string Name, Tensor Tensor)> weights)
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(output, Folder, WeightsFile);
        ModelFolder.Load(path, weights, SafetensorsFile.Read(path));
    }

    public static void ReadOptimizer(string output, AdamW optimizer, int steps) => optimizer.Restore(Path.Combine(output, Folder, OptimizerFile), steps);

    public static void Remove(string output) => Delete(Path.Combine(output, Folder));

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
