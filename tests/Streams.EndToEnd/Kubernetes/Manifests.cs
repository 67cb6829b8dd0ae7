using YamlDotNet.RepresentationModel;

namespace Streams.EndToEnd.Kubernetes;

/// <summary>infra/examples/kubernetes as a cluster reads it: every document of the files that kustomization.yaml names.</summary>
internal sealed class Manifests
{
    private Manifests(IReadOnlyList<YamlMappingNode> objects) => Objects = objects;

    public IReadOnlyList<YamlMappingNode> Objects { get; }

    public static Manifests Load(string folder)
    {
        var kustomization = Documents(Path.Combine(folder, "kustomization.yaml")).Single();
        return new Manifests([.. Items(At(kustomization, "resources")!).SelectMany(file => Documents(Path.Combine(folder, Text(file)!)))]);
    }

    public YamlMappingNode Of(string kind, string name = "streams") => Objects.Single(one => Text(At(one, "kind")) == kind && Text(At(one, "metadata", "name")) == name);

    /// <summary>What is at that path; null when nothing is.</summary>
    public static YamlNode? At(YamlNode? node, params string[] path)
    {
        foreach (var name in path)
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(name, out var value) ? value : null;
        }

        return node;
    }

    public static string? Text(YamlNode? node) => (node as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(YamlNode? node) => (node as YamlSequenceNode)?.Children ?? [];

    public static Dictionary<string, string> Map(YamlNode? node) =>
        ((YamlMappingNode)node!).Children.ToDictionary(pair => Text(pair.Key)!, pair => Text(pair.Value)!);

    private static IEnumerable<YamlMappingNode> Documents(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(file)));
        return yaml.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }
}
