using YamlDotNet.RepresentationModel;

namespace Streams.EndToEnd.Compose;

/// <summary>docker-compose.yml as Docker reads it: anchors followed, <c>&lt;&lt;</c> merged, duplicate keys refused by the parser.</summary>
internal sealed class ComposeFile
{
    private ComposeFile(YamlMappingNode root) => Root = root;

    public YamlMappingNode Root { get; }

    public IReadOnlyDictionary<string, YamlMappingNode> Services => Map(Root, "services").ToDictionary(entry => entry.Key, entry => Merged((YamlMappingNode)entry.Value));

    public IEnumerable<string> Volumes => Map(Root, "volumes").Select(entry => entry.Key);

    public static ComposeFile Parse(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return new ComposeFile((YamlMappingNode)yaml.Documents.Single().RootNode);
    }

    /// <summary>The entries of the mapping <paramref name="name"/>; none when it is not there.</summary>
    public static IEnumerable<KeyValuePair<string, YamlNode>> Map(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var value) && value is YamlMappingNode map ? Entries(Merged(map)) : [];

    public static IEnumerable<KeyValuePair<string, YamlNode>> Entries(YamlMappingNode node) =>
        node.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, child.Value));

    public static string? Text(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var value) ? (value as YamlScalarNode)?.Value : null;

    public static string[] List(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var value) && value is YamlSequenceNode list ? [.. list.Select(item => ((YamlScalarNode)item).Value!)] : [];

    public static Dictionary<string, string> Environment(YamlMappingNode service) =>
        Map(service, "environment").ToDictionary(entry => entry.Key, entry => ((YamlScalarNode)entry.Value).Value ?? "");

    private static YamlMappingNode Merged(YamlMappingNode node)
    {
        if (!node.Children.TryGetValue("<<", out var merge))
        {
            return node;
        }

        var merged = new YamlMappingNode(node.Children.Where(child => ((YamlScalarNode)child.Key).Value != "<<"));
        foreach (var (key, value) in Merged((YamlMappingNode)merge).Children)
        {
            // What the service says itself goes before what it takes over.
            merged.Children.TryAdd(key, value);
        }

        return merged;
    }
}
