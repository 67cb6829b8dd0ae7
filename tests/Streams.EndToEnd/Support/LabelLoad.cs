using System.Text.Json;
using Streams.Schemas;

namespace Streams.EndToEnd.Support;

/// <summary>Labelled samples of many tasks for a host, and how far it has come with them.</summary>
internal static class LabelLoad
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Samples of tasks of three labels, 200 each; their ids are unique, so nothing is a repeat.</summary>
    public static void Produce(HostProcess host, int from, int to, string tasks = "task")
    {
        using var producer = KafkaTopic.Producer(host.Kafka);
        for (var i = from; i < to; i++)
        {
            var label = (i * 2654435761L % 100) switch { < 80 => "cat", < 90 => "dog", _ => "emu" };
            producer.Produce(Topics.LabelSamples, KafkaTopic.Sample($"{tasks}-{i / 200}", $"{i}", label));
        }

        producer.Flush(Patience);
    }

    /// <summary>Records of the topic that are not settled yet; null while that is not known.</summary>
    public static async Task<long?> LagAsync(HostProcess host) =>
        (await StatusAsync(host)) is var topic && topic.TryGetProperty("lag", out var lag) ? lag.GetInt64() : null;

    /// <summary>What the host says of the topic.</summary>
    public static async Task<JsonElement> StatusAsync(HostProcess host)
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"{host.Url}/api/status")));
        return json.RootElement.GetProperty("pipeline").GetProperty("topics").EnumerateArray()
            .Single(topic => topic.GetProperty("topic").GetString() == Topics.LabelSamples).Clone();
    }

    /// <summary>Waits until the host has read so many records since its start, and settled all.</summary>
    public static Task SettleAsync(HostProcess host, long records) => Eventually.TrueAsync(
        async () =>
        {
            var topic = await StatusAsync(host);
            return topic.GetProperty("recordsIn").GetInt64() >= records && topic.GetProperty("inFlight").GetInt64() == 0 && await LagAsync(host) == 0;
        },
        Patience,
        () => host.Output);
}
