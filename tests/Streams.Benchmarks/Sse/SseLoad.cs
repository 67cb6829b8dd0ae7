using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;

namespace Streams.Benchmarks.Sse;

/// <summary>Readings of many small sensor networks, one missing in each row, so that nearly every record has a result to show.</summary>
internal sealed class SseLoad : IDisposable
{
    public const int Keys = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IProducer<byte[], byte[]> _producer;
    private readonly IConsumer<byte[], byte[]> _results;
    private int _next;

    public SseLoad(string kafka)
    {
        _producer = new ProducerBuilder<byte[], byte[]>(
            new ProducerConfig { BootstrapServers = kafka, LingerMs = 5, EnableIdempotence = true }).SetLogHandler((_, _) => { }).Build();
        _results = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = kafka, GroupId = "ends" }).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Records sent so far.</summary>
    public int Sent => _next;

    public static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"network-{number % Keys}");

    /// <summary>At a steady rate for so long.</summary>
    public async Task PaceAsync(int perSecond, TimeSpan span)
    {
        var until = _next + (int)(perSecond * span.TotalSeconds);
        var (began, first) = (Stopwatch.GetTimestamp(), _next);
        while (_next < until)
        {
            var due = Math.Min(until, first + (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * perSecond));
            while (_next < due)
            {
                Send();
            }

            await Task.Delay(10);
        }
    }

    /// <summary>As fast as it goes.</summary>
    public void Burst(int records)
    {
        for (var i = 0; i < records; i++)
        {
            Send();
        }

        _producer.Flush(TimeSpan.FromMinutes(1));
    }

    /// <summary>Results on a topic so far, by the ends of its partitions.</summary>
    public long Results(string topic) => Enumerable.Range(0, TopicAdmin.DefaultPartitions)
        .Sum(partition => _results.QueryWatermarkOffsets(new TopicPartition(topic, partition), Patience).High.Value);

    public void Dispose()
    {
        _producer.Dispose();
        _results.Dispose();
    }

    private void Send()
    {
        var number = _next++;
        var (key, row) = (Key(number), number / Keys);
        var time = DateTimeOffset.UnixEpoch.AddMinutes(row);
        double[] readings = [Math.Sin(row), Math.Cos(row), Math.Sin(row + 1), Math.Cos(row + 2)];
        readings[row % readings.Length] = double.NaN;
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.ASCII.GetBytes(key),
            Value = SignalCodec.Encode(new SignalBatch(key, "degC", ["a", "b", "c", "d"], [time], readings)),
            Headers = [],
        };
        foreach (var (name, value) in new EventEnvelope($"{number}", "/benchmarks", EventTypes.SensorSignal, time).ToHeaders())
        {
            message.Headers.Add(name, value);
        }

        while (true)
        {
            try
            {
                _producer.Produce(Topics.SensorSignals, message);
                return;
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == Confluent.Kafka.ErrorCode.Local_QueueFull)
            {
                _producer.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }
}
