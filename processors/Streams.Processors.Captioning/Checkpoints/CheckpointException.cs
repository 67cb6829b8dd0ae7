namespace Streams.Processors.Captioning.Checkpoints;

/// <summary>A weights file that cannot be loaded. The message names the file, the tensor and the shapes.</summary>
public sealed class CheckpointException(string path, string problem, Exception? inner = null)
    : Exception($"{path}: {problem}", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
