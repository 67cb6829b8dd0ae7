using System.Globalization;
using Streams.EndToEnd.Compose;
using Streams.EndToEnd.Support;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using YamlDotNet.RepresentationModel;

namespace Streams.EndToEnd;

/// <summary>schemas/asyncapi.yaml promises the topics that <c>streams topics create</c> makes.</summary>
public sealed class AsyncApiTopicTests
{
    [Fact]
    public void Channels_Settings_AreThoseThatTopicsAreCreatedWith()
    {
        var root = ComposeFile.Parse(File.ReadAllText(Repository.PathOf("schemas", "asyncapi.yaml"))).Root;
        var described = ComposeFile.Map(root, "channels").Select(channel => Described((YamlMappingNode)channel.Value));
        var created = TopicAdmin.For(Topics.LiveRun).Select(topic => (
            topic.Name,
            Partitions: topic.Partitions == TopicAdmin.DefaultPartitions ? null : topic.Partitions.ToString(CultureInfo.InvariantCulture),
            Config: string.Join(", ", topic.Config.Select(setting => $"{setting.Key}={setting.Value}"))));

        Assert.Equal(created.OrderBy(topic => topic.Name, StringComparer.Ordinal), described.OrderBy(topic => topic.Name, StringComparer.Ordinal));
    }

    private static (string Name, string? Partitions, string Config) Described(YamlMappingNode channel)
    {
        var kafka = (YamlMappingNode)channel["bindings"]["kafka"];
        return (
            ComposeFile.Text(channel, "address")!,
            ComposeFile.Text(kafka, "partitions"),
            string.Join(", ", ComposeFile.Map(kafka, "topicConfiguration").Select(setting => $"{setting.Key}={((YamlScalarNode)setting.Value).Value}")));
    }
}
