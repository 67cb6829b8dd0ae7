using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>Fills the parameters of a model from the tensors of a folder.</summary>
internal static class CheckpointLoader
{
    // Buffers that old versions of the reference wrote out; they follow from the configuration.
    private static readonly string[] Derived = [".rotary_emb.inv_freq", ".position_ids"];

    /// <summary>All parameters must be there, nothing may be left over, shapes must agree, and every weight must be finite.</summary>
    /// <param name="shards">The tensors.</param>
    /// <param name="parameters">The model's, by their names in files.</param>
    /// <param name="optional">Names that may be there for nothing.</param>
    /// <exception cref="CheckpointException">Something of that is not so; the message names the tensor.</exception>
    public static void Load(CheckpointShards shards, IReadOnlyList<(string Name, Tensor Parameter)> parameters, IReadOnlyCollection<string> optional)
    {
        var missing = parameters.Where(parameter => !shards.Tensors.ContainsKey(parameter.Name)).ToList();
        if (missing.Count > 0)
        {
            throw new CheckpointException(shards.Path, $"tensor {Describe(missing[0])} is missing{Others(missing.Count)}; the weights are of another model, or config.json was changed");
        }

        var known = parameters.Select(parameter => parameter.Name).ToHashSet();
        var extra = shards.Tensors.Values.Where(tensor => !known.Contains(tensor.Entry.Name) && !optional.Contains(tensor.Entry.Name) && !Derived.Any(end => tensor.Entry.Name.EndsWith(end, StringComparison.Ordinal))).ToList();
        if (extra.Count > 0)
        {
            throw new CheckpointException(extra[0].File.Path, $"tensor {extra[0].Entry} has no place in the model of config.json{Others(extra.Count)}; take the config.json that belongs to the weights");
        }

        // Shapes first, all of them: nothing large is read for a model that will not load.
        foreach (var (name, parameter) in parameters)
        {
            var (file, entry) = shards.Tensors[name];
            if (!entry.Shape.SequenceEqual(parameter.shape))
            {
                throw new CheckpointException(file.Path, $"tensor {entry}, config.json asks for [{string.Join(", ", parameter.shape)}]; take the config.json that belongs to the weights");
            }
        }

        using var guard = no_grad();
        foreach (var (name, parameter) in parameters)
        {
            var (file, entry) = shards.Tensors[name];
            file.CopyTo(entry, parameter);
            using var scope = NewDisposeScope();
            if (!parameter.isfinite().all().item<bool>())
            {
                var bad = (~parameter.isfinite()).sum().item<long>();
                throw new CheckpointException(file.Path, $"tensor {entry} has {bad} of {entry.Count} weights that are no finite numbers{Narrowed(entry, parameter)}; download it again");
            }
        }
    }

    private static string Narrowed(SafetensorsEntry entry, Tensor parameter) =>
        entry.Type != parameter.dtype && parameter.dtype == ScalarType.Float16 ? " in float16, or too large for it: load as bfloat16 or float32" : string.Empty;

    private static string Others(int count) => count > 1 ? $" (and {count - 1} more)" : string.Empty;

    private static string Describe((string Name, Tensor Parameter) parameter) => $"{parameter.Name} [{string.Join(", ", parameter.Parameter.shape)}]";
}
