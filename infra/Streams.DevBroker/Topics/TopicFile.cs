using System.Text.Json;
using Streams.DevBroker.Log;

namespace Streams.DevBroker.Topics;

/// <summary>What is kept of a topic besides its logs. Written last when a topic is made, so its presence is the commit.</summary>
internal sealed record TopicFile(Guid Id, int Partitions, Dictionary<string, string> Config)
{
    public const string FileName = "topic.json";

    public static TopicFile? TryLoad(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<TopicFile>(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException damaged)
        {
            throw new DevBrokerDataDirectoryException($"'{path}' cannot be read ({damaged.Message}); restore it, or remove the folder to give the topic up.", damaged);
        }
    }

    public void Save(string directory) => AtomicFile.Write(Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(this));
}
