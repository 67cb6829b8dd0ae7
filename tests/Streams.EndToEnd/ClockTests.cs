using System.Text.Json;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Ingest.Decoding;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Processors.ModeEstimation;
using Streams.Schemas;
using Streams.Schemas.Signals;

namespace Streams.EndToEnd;

/// <summary>A host whose wall clock is wrong and jumps while it works: what it finds out does not depend on it.</summary>
public sealed class ClockTests
{
    private const int Samples = 4_000;
    private const int Rows = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly GraphFilterOptions Options = new() { AllowedLateness = TimeSpan.FromSeconds(20) };

    [Theory]
    [InlineData(-1, 1, true)]
    [InlineData(1, -1, false)]
    [InlineData(1, -1, true)]
    public async Task Host_ClockAnHourOffThatJumpsByTwo_GivesTheResultsOfASequentialRun(int before, int after, bool newTasks)
    {
        // Back, with tasks that begin after it, is the one in which grains have to be activated.
        Chaos.Needed(newTasks);
        using var clock = new FalseClock(before);
        await using var host = new HostProcess("--set", $"Streams:GraphFilter:AllowedLateness={Options.AllowedLateness}") { Variables = clock.Variables };
        await host.StartAsync();
        await ClockIsOffAsync(host, before);

        Produce(host.Kafka, 0, 2, newTasks);
        await UntilTakenAsync(host, Samples / 2, Rows / 2);
        var modesBefore = KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Count;
        Produce(host.Kafka, 2, 4, newTasks);
        clock.Set(after);
        await ClockIsOffAsync(host, after);
        Produce(host.Kafka, 3, 4, newTasks);
        await UntilTakenAsync(host, Samples, Rows);

        foreach (var (topic, expected) in new[]
        {
            (Topics.LabelModes, await SequentialRun.OfAsync(host.Kafka, new LabelSampleDecoder(), new ModeEstimationProcessorFactory(), Topics.LabelModes)),
            (Topics.SensorImputed, await SequentialRun.OfAsync(host.Kafka, new SensorSignalDecoder(), new GraphFilterProcessorFactory(Options), Topics.SensorImputed)),
            (Topics.SensorGraphs, await SequentialRun.OfAsync(host.Kafka, new SensorSignalDecoder(), new GraphFilterProcessorFactory(Options), Topics.SensorGraphs)),
        })
        {
            Assert.True(expected.Count > (topic == Topics.LabelModes ? modesBefore : 0), $"nothing is decided on {topic} after the jump");
            Assert.Equal(expected, KafkaTopic.ReadResults(host.Kafka, topic));
        }
    }

    /// <summary>
    /// Part <paramref name="part"/> of <paramref name="parts"/> of all records: labels of twenty tasks, all under way from the start or one after another,
    /// some hard and some easy; and rows of a network up to ten seconds out of order, with gaps.
    /// </summary>
    private static void Produce(string kafka, int part, int parts, bool newTasks)
    {
        using var producer = KafkaTopic.Producer(kafka);
        var random = new Random(7);
        var draws = Enumerable.Range(0, Samples).Select(_ => random.NextDouble()).ToArray();
        for (var i = Samples * part / parts; i < Samples * (part + 1) / parts; i++)
        {
            var task = newTasks ? i / (Samples / 20) : i % 20;
            var share = 0.45 + (0.02 * task);
            var label = draws[i] < share ? "cat" : draws[i] < 0.4 + (0.6 * share) ? "dog" : "emu";
            producer.Produce(Topics.LabelSamples, KafkaTopic.Sample($"task-{task}", $"{i}", label));
        }

        for (var i = Rows * part / parts; i < Rows * (part + 1) / parts; i++)
        {
            // Groups of three rows, backwards.
            var row = i - (i % 3) + 2 - (i % 3);
            var values = Enumerable.Range(0, 5).Select(sensor => (row + sensor) % 7 == 0 ? double.NaN : (10 * sensor) + Math.Sin(row / 9.0) + Math.Cos(row * (sensor + 1))).ToArray();
            var batch = new SignalBatch("plant", "degC", ["a", "b", "c", "d", "e"], [new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(5 * row)], values);
            producer.Produce(Topics.SensorSignals, new Message<byte[], byte[]> { Key = "plant"u8.ToArray(), Value = SignalCodec.Encode(batch, SignalPrecision.Double).ToArray() });
        }

        producer.Flush(Patience);
    }

    /// <summary>The host's own clock, as its answers say it.</summary>
    private static async Task ClockIsOffAsync(HostProcess host, int hours)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        TimeSpan? off = null;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri($"{host.Url}/health/live"));
                off = answer.Headers.Date - DateTimeOffset.UtcNow;
                return off is { } known && Math.Abs((known - TimeSpan.FromHours(hours)).TotalMinutes) < 2;
            },
            Patience,
            () => $"the host's clock is off by {off} instead of {hours} h:\n{host.Output}");
    }

    private static Task UntilTakenAsync(HostProcess host, int samples, int rows)
    {
        var wanted = new Dictionary<string, int> { [Topics.LabelSamples] = samples, [Topics.SensorSignals] = rows };
        var said = "";
        return Eventually.TrueAsync(
            async () =>
            {
                using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
                using var answer = await http.GetAsync(new Uri($"{host.Url}/api/status"));
                said = await answer.Content.ReadAsStringAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    return false;
                }

                using var json = JsonDocument.Parse(said);
                var topics = json.RootElement.GetProperty("pipeline").GetProperty("topics").EnumerateArray().ToDictionary(topic => topic.GetProperty("topic").GetString()!);
                return wanted.All(want => topics[want.Key] is var topic
                    && topic.GetProperty("recordsIn").GetInt64() >= want.Value
                    && topic.GetProperty("inFlight").GetInt64() == 0
                    && topic.TryGetProperty("lag", out var lag) && lag.GetInt64() == 0);
            },
            Patience,
            () => $"{said}\n{host.Output}");
    }
}
