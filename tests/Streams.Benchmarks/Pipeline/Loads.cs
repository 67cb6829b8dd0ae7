using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;
using Headers = Confluent.Kafka.Headers;

namespace Streams.Benchmarks.Pipeline;

/// <summary>Records to measure with, and their way to the broker.</summary>
internal static class Loads
{
    /// <summary>A topic that nobody reads.</summary>
    public const string Aside = "bench.aside";

    public const int Kilobyte = 1024;

    /// <summary>A labelled sample of 1 KB for a key drawn alike from <paramref name="keys"/>, as kcat would write it: no headers.</summary>
    public static Func<int, Message<byte[], byte[]>> Labels(int keys)
    {
        var random = new Random(1);
        return i => Label($"task-{random.Next(keys)}", i);
    }

    /// <summary>The same, each of a key of its own.</summary>
    public static Func<int, Message<byte[], byte[]>> LabelsInTurn() => i => Label($"task-{i}", i);

    private static Message<byte[], byte[]> Label(string key, int i)
    {
        var head = string.Create(CultureInfo.InvariantCulture, $$"""{"task":"{{key}}","sample":"{{i}}","label":"label-{{i % 5}}","note":" """);
        return new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = Encoding.UTF8.GetBytes(head.PadRight(Kilobyte - 2, 'x') + "\"}") };
    }

    /// <summary>Readings of four sensors, about 1 KB with the schema that every record brings along, with CloudEvents headers.</summary>
    public static Func<int, Message<byte[], byte[]>> Sensors(int keys)
    {
        var random = new Random(1);
        // Of each network what does not change is made once: the generator should not be what is measured.
        var known = new Dictionary<int, byte[]>();
        return i =>
        {
            var network = random.Next(keys);
            if (!known.TryGetValue(network, out var value))
            {
                value = Readings($"network-{network}", i, missing: false);
                if (keys <= 10_000)
                {
                    known[network] = value;
                }
            }

            return Event($"network-{network}", $"{i}", EventTypes.SensorSignal, value);
        };
    }

    /// <summary>One record of readings in a row of time each, one of them missing if so wished.</summary>
    public static byte[] Readings(string network, int number, bool missing)
    {
        const int Sensors = 4;
        var values = Enumerable.Range(0, Sensors).Select(sensor => Math.Sin(number * 0.1) + sensor).ToArray();
        if (missing)
        {
            values[number % Sensors] = double.NaN;
        }

        return SignalCodec.Encode(new SignalBatch(
            network, "degC", [.. Enumerable.Range(0, Sensors).Select(sensor => $"sensor-{sensor}")], [DateTimeOffset.UnixEpoch.AddMinutes(number)], values));
    }

    public static Func<int, Message<byte[], byte[]>> Frames(int cameras)
    {
        var frame = new byte[100 * Kilobyte];
        new Random(1).NextBytes(frame);
        return i => new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes($"camera-{i % cameras}"), Value = frame };
    }

    public static Message<byte[], byte[]> Event(string key, string id, string type, byte[] value)
    {
        var headers = new Headers();
        foreach (var (name, bytes) in new EventEnvelope(id, $"/bench/{key}", type, DateTimeOffset.UnixEpoch).ToHeaders())
        {
            headers.Add(name, bytes);
        }

        return new Message<byte[], byte[]> { Key = Encoding.UTF8.GetBytes(key), Value = value, Headers = headers };
    }

    public static IProducer<byte[], byte[]> Producer(string broker) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = broker,
        EnableIdempotence = true,
        LingerMs = 5,
        BatchSize = 1_000_000,
        QueueBufferingMaxMessages = 100_000,
        Partitioner = Partitioner.Murmur2Random,
    }).SetLogHandler((_, _) => { }).Build();

    /// <summary>Writes <paramref name="count"/> records, as fast as the broker takes them or <paramref name="perSecond"/>; returns how many a second it were.</summary>
    public static async Task<double> WriteAsync(
        string broker, string topic, int count, Func<int, Message<byte[], byte[]>> load, double perSecond = double.PositiveInfinity, Action<int, DeliveryReport<byte[], byte[]>>? written = null)
    {
        using var producer = Producer(broker);
        return await Task.Factory.StartNew(() => Write(producer, topic, count, load, perSecond, written), TaskCreationOptions.LongRunning);
    }

    private static double Write(
        IProducer<byte[], byte[]> producer, string topic, int count, Func<int, Message<byte[], byte[]>> load, double perSecond, Action<int, DeliveryReport<byte[], byte[]>>? written)
    {
        if (double.IsFinite(perSecond))
        {
            // Who writes at a pace has long been connected: a quarter of a second of that would be the slowest percent of a short load.
            producer.Produce(Aside, new Message<byte[], byte[]>());
            producer.Flush(TimeSpan.FromSeconds(30));
        }

        var began = Stopwatch.GetTimestamp();
        string? failed = null;
        for (var i = 0; i < count; i++)
        {
            var ahead = TimeSpan.FromSeconds(i / perSecond) - Stopwatch.GetElapsedTime(began);
            if (ahead > TimeSpan.FromMilliseconds(2))
            {
                Thread.Sleep(ahead);
            }

            var number = i;
            var message = load(i);
            while (true)
            {
                try
                {
                    producer.Produce(topic, message, report =>
                    {
                        failed = report.Error.IsError ? report.Error.Reason : failed;
                        written?.Invoke(number, report);
                    });
                    break;
                }
                catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
                {
                    Thread.Sleep(5);
                }
            }
        }

        producer.Flush(TimeSpan.FromMinutes(2));
        return failed is null ? count / Stopwatch.GetElapsedTime(began).TotalSeconds : throw new InvalidOperationException(failed);
    }
}
