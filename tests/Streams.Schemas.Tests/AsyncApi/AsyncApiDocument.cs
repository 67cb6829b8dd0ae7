using YamlDotNet.RepresentationModel;

namespace Streams.Schemas.Tests.AsyncApi;

/// <summary>schemas/asyncapi.yaml, with its references followed.</summary>
internal sealed class AsyncApiDocument
{
    private AsyncApiDocument(YamlMappingNode root) => Root = root;

    public YamlMappingNode Root { get; }

    public IEnumerable<(string Name, YamlMappingNode Node)> Channels => Children(At("channels"));

    public IEnumerable<(string Name, YamlMappingNode Node)> Messages => Children(At("components/messages"));

    public IEnumerable<(string Name, YamlMappingNode Node)> Schemas => Children(At("components/schemas"));

    public static AsyncApiDocument Load()
    {
        using var text = File.OpenText(SourceTree.Path("schemas", "asyncapi.yaml"));
        var yaml = new YamlStream();
        yaml.Load(text);
        return new AsyncApiDocument((YamlMappingNode)yaml.Documents.Single().RootNode);
    }

    public static string? Text(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var value) ? ((YamlScalarNode)value).Value : null;

    public static string[] List(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(name, out var value) ? [.. ((YamlSequenceNode)value).Select(item => ((YamlScalarNode)item).Value!)] : [];

    /// <summary>The mapping below <paramref name="node"/>, or what it refers to.</summary>
    public YamlMappingNode Child(YamlMappingNode node, string name) => Follow((YamlMappingNode)node[name]);

    public IEnumerable<(string Name, YamlMappingNode Node)> Children(YamlMappingNode node) =>
        node.Children.Select(child => (((YamlScalarNode)child.Key).Value!, Follow((YamlMappingNode)child.Value)));

    /// <summary>The properties of an object schema, those of its <c>allOf</c> parts included.</summary>
    public IEnumerable<(string Name, YamlMappingNode Node)> Properties(YamlMappingNode schema) =>
        schema.Children.TryGetValue("allOf", out var parts)
            ? ((YamlSequenceNode)parts).SelectMany(part => Properties(Follow((YamlMappingNode)part)))
            : Children((YamlMappingNode)schema["properties"]);

    public YamlMappingNode Follow(YamlMappingNode node) => Text(node, "$ref") is { } reference ? At(reference.TrimStart('#', '/')) : node;

    public YamlMappingNode At(string path) => path.Split('/').Aggregate(Root, (node, name) => (YamlMappingNode)node[name]);
}
