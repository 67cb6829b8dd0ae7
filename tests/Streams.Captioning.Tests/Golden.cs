using System.Text.Json.Nodes;
using Streams.Processors.Captioning.Checkpoints;
using TorchSharp;

namespace Streams.Captioning.Tests;

/// <summary>Expected tensors made by the reference implementations; see their README.</summary>
internal static class Golden
{
    public static string Folder { get; } = Find();

    public static IReadOnlyDictionary<string, torch.Tensor> Tensors(string path) => SafetensorsFile.Read(Path.Combine(Folder, path));

    public static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, path)))!;

    public static T Config<T>(JsonNode json) => System.Text.Json.JsonSerializer.Deserialize<T>(json.ToJsonString(), ModelFolder.Json)!;

    /// <summary>Loads a module from a file of the folder, names as they are.</summary>
    public static void Fill(torch.nn.Module module, string path) =>
        ModelFolder.Load(path, module.named_parameters().Select(entry => (entry.name, (torch.Tensor)entry.parameter)), Tensors(path));

    public static void AssertClose(torch.Tensor expected, torch.Tensor actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.shape, actual.shape);
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= tolerance, $"largest difference {difference}, allowed {tolerance}");
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Streams.sln")))
        {
            folder = folder.Parent;
        }

        return Path.GetFullPath(Path.Combine(folder!.FullName, "..", "shared", "golden", "mllm"));
    }
}
