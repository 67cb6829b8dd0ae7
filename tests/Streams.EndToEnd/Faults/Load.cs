using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.EndToEnd.Faults;

/// <summary>
/// Labelled samples of many passive tasks at a steady rate, and what became of each: ten tasks at a time, so that results come all the time. A
/// task counts eight labels, all different, and then ends: without one of its samples it has no result, and a sample that counts twice ends it
/// too early, at another offset. So every record's effect shows, once.
/// </summary>
internal sealed class Load(string broker)
{
    /// <summary>
    /// The hosts' setting that this rests on: with more samples remembered, a processor would drop a batch that is applied twice, and hide the fault.
    /// </summary>
    public const string Setting = "Streams:ModeEstimation:RememberedSamples=1";

    /// <summary>Records after which ten more tasks are at their end.</summary>
    public const int Block = (SamplesPerTask + 1) * TasksAtATime;

    private const int SamplesPerTask = 8;
    private const int TasksAtATime = 10;

    // Every (partition, offset) that the broker has acknowledged, with what it holds.
    private readonly ConcurrentDictionary<(int Partition, long Offset), string> _acknowledged = new();
    private int _next;
    private volatile bool _enough;

    public IReadOnlyDictionary<(int Partition, long Offset), string> Acknowledged => _acknowledged;

    /// <summary>Records per second that were really sent.</summary>
    public double Rate { get; private set; }

    /// <summary>Values of transactions that were aborted: they must have no effect.</summary>
    public ConcurrentBag<string> Aborted { get; } = [];

    /// <summary>Ends <see cref="SendAsync"/> before its time.</summary>
    public void Stop() => _enough = true;

    /// <summary>Sends and waits until all are acknowledged.</summary>
    public async Task SendAsync(int count, int perSecond)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.Run(
            () =>
            {
                using var producer = Producer(null);
                for (var i = 0; i < count && !_enough && !TestContext.Current.CancellationToken.IsCancellationRequested; i++)
                {
                    Pace(began, i, perSecond);
                    Produce(producer, _next++, report => _acknowledged[(report.Partition.Value, report.Offset.Value)] = Text(report.Message.Value));
                }

                producer.Flush(TimeSpan.FromMinutes(2));
            },
            CancellationToken.None);
        Rate = count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>The same in transactions of ten records, of which one in 32 is aborted.</summary>
    public async Task SendInTransactionsAsync(int count, int perSecond, Random random)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.Run(() =>
        {
            using var producer = Producer($"load-{Guid.NewGuid():n}");
            producer.InitTransactions(TimeSpan.FromSeconds(60));
            for (var sent = 0; sent < count; sent += 10)
            {
                Pace(began, sent, perSecond);
                producer.BeginTransaction();
                var written = new ConcurrentBag<(int, long, string)>();
                for (var i = 0; i < 10; i++)
                {
                    Produce(producer, _next++, report => written.Add((report.Partition.Value, report.Offset.Value, Text(report.Message.Value))));
                }

                if (random.Next(32) == 0)
                {
                    producer.Flush(TimeSpan.FromSeconds(30));
                    producer.AbortTransaction(TimeSpan.FromSeconds(30));
                    foreach (var (_, _, value) in written)
                    {
                        Aborted.Add(value);
                    }
                }
                else
                {
                    producer.CommitTransaction(TimeSpan.FromSeconds(60));
                    foreach (var (partition, offset, value) in written)
                    {
                        _acknowledged[(partition, offset)] = value;
                    }
                }
            }
        });
        Rate = count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private IProducer<byte[], byte[]> Producer(string? transactionalId) => new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = broker,
        EnableIdempotence = true,
        TransactionalId = transactionalId,
        LingerMs = 5,
        // Outlives a broker that is bounced.
        MessageTimeoutMs = 60_000,
    }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

    private static void Produce(IProducer<byte[], byte[]> producer, int i, Action<DeliveryReport<byte[], byte[]>> acknowledged)
    {
        var task = $"task-{(i / Block * TasksAtATime) + (i % TasksAtATime)}";
        var step = i % Block / TasksAtATime;
        producer.Produce(
            Topics.LabelSamples,
            step == 0 ? KafkaTopic.Definition(new LabelTask(task, 1e-9, SamplesPerTask, MaxLabels: SamplesPerTask)) : KafkaTopic.Sample(task, $"{i}", $"label-{step}"),
            report =>
            {
                if (!report.Error.IsError)
                {
                    acknowledged(report);
                }
            });
    }

    private static void Pace(long began, int sent, int perSecond)
    {
        var ahead = TimeSpan.FromSeconds((double)sent / perSecond) - Stopwatch.GetElapsedTime(began);
        if (ahead > TimeSpan.FromMilliseconds(5))
        {
            Task.Delay(ahead).Wait();
        }
    }

    private static string Text(byte[] value) => Encoding.UTF8.GetString(value);
}
