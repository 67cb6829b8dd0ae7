using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using SkiaSharp;
using Streams.EndToEnd.Support;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;
using Headers = Confluent.Kafka.Headers;

namespace Streams.EndToEnd;

/// <summary>Bad records of six kinds among good ones, a host that goes on, and an operator's commands on what it refused.</summary>
public sealed class DeadLettersTests
{
    private const string RedrivenFrom = "redriven-from";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_OneInAHundredBad_AllInTheDeadLettersAndRedrivenOnceInOrder()
    {
        await using var host = await new HostProcess().StartAsync();
        var bad = new Dictionary<string, List<(int Partition, long Offset)>>();
        bad[Topics.LabelSamples] = await ProduceAsync(host, Topics.LabelSamples, 3_000, n => Label(n, n % 100 == 41 ? n / 100 % 3 : null));
        bad[Topics.SensorSignals] = await ProduceAsync(host, Topics.SensorSignals, 300, n => Signal(n, isBad: n % 100 == 41));
        bad[Topics.VideoFrames] = await ProduceAsync(host, Topics.VideoFrames, 300, n => Frame(n, n % 100 == 41 ? n / 100 : null));
        Assert.Equal([30, 3, 3], bad.Values.Select(origins => origins.Count));
        await WaitUntilSettledAsync(host, new() { [Topics.LabelSamples] = 3_000, [Topics.SensorSignals] = 300, [Topics.VideoFrames] = 300 });

        foreach (var (topic, origins) in bad)
        {
            var letters = await ListAsync(host, topic, "pending");
            Assert.Equal(origins.Order(), letters.Select(letter => (letter.GetProperty("partition").GetInt32(), letter.GetProperty("offset").GetInt64())));
            Assert.All(letters, letter =>
            {
                Assert.Equal("RecordFormatException", letter.GetProperty("exception").GetString());
                Assert.NotEmpty(letter.GetProperty("reason").GetString()!);
                Assert.Equal(1, letter.GetProperty("attempts").GetInt32());
            });
        }

        // Sent again as they are, each is refused again, and its letter tells where it was first.
        foreach (var (topic, origins) in bad)
        {
            var outcome = await DltAsync(host, "redrive", "--topic", topic);
            Assert.Equal(origins.Count, outcome.Single().GetProperty("letters").GetInt32());
        }

        await WaitUntilSettledAsync(host, new() { [Topics.LabelSamples] = 3_030, [Topics.SensorSignals] = 303, [Topics.VideoFrames] = 303 });
        foreach (var (topic, origins) in bad)
        {
            AssertCameBackOnceInOrder(host, topic, origins);
            Assert.Equal(origins.Count, (await ListAsync(host, topic, "redriven")).Count);
            var pending = await ListAsync(host, topic, "pending");
            Assert.Equal(
                origins.Select(origin => $"{topic}/{origin.Partition}/{origin.Offset}").Order(StringComparer.Ordinal),
                pending.Select(letter => letter.GetProperty("firstOrigin").GetString()!).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Redrive_KilledAgainAndAgain_SendsEachOnceInOrder()
    {
        await using var host = await new HostProcess().StartAsync();
        var bad = await ProduceAsync(host, Topics.LabelSamples, 3_000, n => Label(n, n % 2 == 0 ? 0 : null));
        await WaitUntilSettledAsync(host, new() { [Topics.LabelSamples] = 3_000 });

        // The program needs some 300 ms to start: the kills fall on all that it does after that.
        string[] redrive = ["dlt", "redrive", "--topic", Topics.LabelSamples, "--kafka", host.Kafka, "--json"];
        for (var milliseconds = 250; milliseconds <= 1_000; milliseconds += 75)
        {
            using var process = Process.Start(new ProcessStartInfo(HostProcess.Program, redrive) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            await Task.WhenAny(process.WaitForExitAsync(Token), Task.Delay(milliseconds, Token));
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        // Two operators at a time, neither knowing of the other.
        var outcomes = await Task.WhenAll(HostProcess.RunAsync(redrive), HostProcess.RunAsync(redrive));
        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0 || outcome.Error.Contains("another redrive", StringComparison.Ordinal), outcome.Error));
        var last = await HostProcess.RunAsync(redrive);
        Assert.True(last.ExitCode == 0, last.Error);

        await WaitUntilSettledAsync(host, new() { [Topics.LabelSamples] = 4_500 });
        // What is refused again is sent again, too, by the next of these commands: under an origin of its own.
        AssertCameBackOnceInOrder(host, Topics.LabelSamples, bad);
    }

    [Fact]
    public async Task Purge_MeantLetters_AreGoneAndTheOthersStay()
    {
        await using var host = await new HostProcess().StartAsync();
        await ProduceAsync(host, Topics.LabelSamples, 100, n => Label(n, n % 10 == 0 ? n / 10 % 3 : null));
        await WaitUntilSettledAsync(host, new() { [Topics.LabelSamples] = 100 });

        var refused = await HostProcess.RunAsync("dlt", "purge", "--topic", Topics.LabelSamples, "--kafka", host.Kafka);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);

        var purged = await DltAsync(host, "purge", "--topic", Topics.LabelSamples, "--reason", "ce_type", "--yes");
        Assert.Equal(3, purged[0].GetProperty("letters").GetInt32());
        Assert.Equal(7, (await ListAsync(host, Topics.LabelSamples, "pending")).Count);
        Assert.All(await ListAsync(host, Topics.LabelSamples, "purged"), letter => Assert.Contains("ce_type", letter.GetProperty("reason").GetString(), StringComparison.Ordinal));
        Assert.Equal(10, (await ListAsync(host, Topics.LabelSamples, "all")).Count);

        var show = await HostProcess.RunAsync("dlt", "show", "--topic", Topics.LabelSamples, "--reason", "ce_type", "--status", "purged", "--kafka", host.Kafka);
        Assert.True(show.ExitCode == 0, show.Error);
        Assert.Contains("ce_type: streams.label.sample.v9", show.Output, StringComparison.Ordinal);
        Assert.Contains("\"label\": \"a\"", show.Output, StringComparison.Ordinal);

        // Then all, and what is done with is deleted, as far as the host has committed its way past it.
        await DltAsync(host, "purge", "--topic", Topics.LabelSamples, "--yes");
        await Eventually.TrueAsync(
            async () =>
            {
                await DltAsync(host, "purge", "--topic", Topics.LabelSamples, "--yes", "--compact");
                return KafkaTopic.ReadAll(host.Kafka, Topics.DeadLetter(Topics.LabelSamples)).Count == 0;
            },
            Patience,
            () => "the dead-letter topic is never empty");
        Assert.Empty(await ListAsync(host, Topics.LabelSamples, "all"));
    }

    private static void AssertCameBackOnceInOrder(HostProcess host, string topic, List<(int Partition, long Offset)> origins)
    {
        var sent = KafkaTopic.ReadAll(host.Kafka, topic).Where(record => KafkaTopic.Header(record, RedrivenFrom) is not null).ToList();
        Assert.Equal(sent.Count, sent.Select(record => KafkaTopic.Header(record, RedrivenFrom)).Distinct().Count());

        // Partition by partition in order, and each in the one it came from.
        var first = sent.Where(record => record.Message.Headers.Count(header => header.Key == RedrivenFrom) == 1).ToList();
        var from = first.Select(record => RecordOrigin.Parse(KafkaTopic.Header(record, RedrivenFrom))!.Value).ToList();
        Assert.Equal(origins.Order(), from.Select(origin => (origin.Partition, origin.Offset)));
        Assert.Equal(from.Select(origin => origin.Partition), first.Select(record => record.Partition.Value));
    }

    private static async Task<List<(int Partition, long Offset)>> ProduceAsync(HostProcess host, string topic, int count, Func<int, (Message<byte[], byte[]> Message, bool IsBad)> record)
    {
        var config = new ProducerConfig { BootstrapServers = host.Kafka, EnableIdempotence = true, LingerMs = 5, MessageMaxBytes = 20_000_000 };
        using var producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        var bad = new List<Task<DeliveryResult<byte[], byte[]>>>();
        for (var n = 0; n < count; n++)
        {
            var (message, isBad) = record(n);
            var delivery = producer.ProduceAsync(topic, message);
            if (isBad)
            {
                bad.Add(delivery);
            }
        }

        producer.Flush(Patience);
        return [.. (await Task.WhenAll(bad)).Select(delivery => (delivery.Partition.Value, delivery.Offset.Value))];
    }

    // Truncated JSON, a type of a version to come, no value.
    private static (Message<byte[], byte[]> Message, bool IsBad) Label(int n, int? badness)
    {
        var message = KafkaTopic.Sample($"task-{n % 7}", $"{n}", n % 3 == 0 ? "a" : "b");
        switch (badness)
        {
            case 0:
                message.Value = message.Value[..^5];
                break;
            case 1:
                message.Value = Encoding.UTF8.GetBytes($$"""{"task":"task-{{n % 7}}","sample":"{{n}}","label":"a"}""");
                message.Headers = Event("streams.label.sample.v9", n);
                break;
            case 2:
                message.Value = null!;
                break;
        }

        return (message, badness is not null);
    }

    private static (Message<byte[], byte[]> Message, bool IsBad) Signal(int n, bool isBad)
    {
        var batch = new SignalBatch("plant", "degC", ["a", "b"], [Start.AddMinutes(n)], [20 + Math.Sin(n), 20 + Math.Cos(n)]);
        var value = SignalCodec.Encode(batch);
        return (new Message<byte[], byte[]> { Key = "plant"u8.ToArray(), Value = isBad ? value[..(value.Length / 2)] : value, Headers = Event(EventTypes.SensorSignal, n) }, isBad);
    }

    // Not a JPEG, larger than is allowed, no value.
    private static (Message<byte[], byte[]> Message, bool IsBad) Frame(int n, int? badness)
    {
        var value = badness switch
        {
            null => Jpeg.Value,
            0 => Jpeg.Value[..40],
            1 => new byte[RecordPublisher.MaxValueBytes + 1],
            _ => null!,
        };
        return (new Message<byte[], byte[]> { Key = "gate"u8.ToArray(), Value = value, Headers = Event(EventTypes.VideoFrame, n) }, badness is not null);
    }

    private static Lazy<byte[]> Jpeg { get; } = new(() =>
    {
        using var bitmap = new SKBitmap(64, 48);
        bitmap.Erase(SKColors.SteelBlue);
        return bitmap.Encode(SKEncodedImageFormat.Jpeg, 80).ToArray();
    });

    private static Headers Event(string type, int n)
    {
        var headers = new Headers();
        foreach (var (name, value) in new EventEnvelope($"{n}", "/tests", type, Start.AddSeconds(n)).ToHeaders())
        {
            headers.Add(name, value);
        }

        return headers;
    }

    private static Task<List<JsonElement>> ListAsync(HostProcess host, string topic, string status) => DltAsync(host, "list", "--topic", topic, "--status", status);

    private static async Task<List<JsonElement>> DltAsync(HostProcess host, params string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(["dlt", .. arguments, "--kafka", host.Kafka, "--json"]);
        Assert.True(exitCode == 0, error);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static async Task WaitUntilSettledAsync(HostProcess host, Dictionary<string, int> records)
    {
        using var http = new HttpClient();
        var last = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using var json = JsonDocument.Parse(last = await http.GetStringAsync(new Uri($"{host.Url}/api/status")));
                return json.RootElement.GetProperty("pipeline").GetProperty("topics").EnumerateArray()
                    .Where(topic => records.ContainsKey(topic.GetProperty("topic").GetString()!))
                    .All(topic => topic.GetProperty("recordsIn").GetInt64() >= records[topic.GetProperty("topic").GetString()!]
                        && topic.GetProperty("inFlight").GetInt64() == 0
                        && topic.TryGetProperty("lag", out var lag) && lag.ValueKind == JsonValueKind.Number && lag.GetInt64() == 0);
            },
            Patience,
            () => $"{last}\n{host.Output}");
    }
}
