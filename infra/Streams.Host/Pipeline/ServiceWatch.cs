using System.Collections.Concurrent;
using Confluent.Kafka;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using Streams.Dashboard.Status;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Schemas;

namespace Streams.Host.Pipeline;

/// <summary>
/// Asks the broker and Redis every few seconds whether they answer, so that whoever reads the status is told what is so, and costs neither of them a
/// call.
/// </summary>
internal sealed class ServiceWatch(StreamsOptions options, IConnectionMultiplexer redis, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // Each written by its own loop, read by any thread.
    private volatile Contact _broker = new(null, null);
    private volatile Contact _redis = new(null, null);

    /// <summary>The broker, as it was when it was last asked.</summary>
    public ComponentStatus Broker => Component("broker", options.Kafka.BootstrapServers, options.EmbeddedKafka, _broker);

    /// <summary>Redis, as it was when it was last asked.</summary>
    public ComponentStatus Redis => Component(ComponentStatus.Redis, Redact.Redis(options.EffectiveRedis), options.EmbeddedRedis, _redis);

    // The broker's client blocks, so it has a thread of its own; the host's end does not wait for what it asks.
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        new Thread(() => WatchBroker(stoppingToken)) { Name = "broker watch", IsBackground = true }.Start();
        return WatchRedisAsync(stoppingToken);
    }

    private async Task WatchRedisAsync(CancellationToken stopping)
    {
        var database = redis.GetDatabase();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await database.PingAsync().WaitAsync(Patience, time, stopping);
                _redis = new Contact(time.GetUtcNow(), null);
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                var trouble = RedisTrouble.Of(e);
                _redis = new Contact(_redis.Last, $"{trouble.Detail}; {trouble.Remedy}");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Interval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void WatchBroker(CancellationToken stopping)
    {
        // A call that fails says only that time is over; the client's own errors before it say why.
        var errors = new ConcurrentQueue<string>();
        using var admin = new AdminClientBuilder(options.Kafka.ToAdminConfig())
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) => errors.Enqueue(error.Reason))
            .Build();
        do
        {
            errors.Clear();
            try
            {
                // Of one topic: the answer is as short on a broker of ten thousand.
                admin.GetMetadata(Topics.LabelSamples, Patience);
                _broker = new Contact(time.GetUtcNow(), null);
            }
            catch (KafkaException e)
            {
                var reason = errors.TryDequeue(out var said) ? said : e.Error.Reason;
                _broker = new Contact(_broker.Last, $"does not answer ({reason.ReplaceLineEndings(" ")}); check it with `streams doctor`");
            }
        }
        while (!stopping.WaitHandle.WaitOne(Interval));
    }

    private ComponentStatus Component(string name, string where, bool embedded, Contact contact)
    {
        var place = where + (embedded ? " (embedded)" : "");
        var detail = contact.Problem is { } problem ? $"{place}: {problem}" : place;
        return new ComponentStatus(name, contact.Problem is null, detail) { LastContact = contact.Last };
    }

    /// <param name="Last">When it last answered; null before it was asked.</param>
    /// <param name="Problem">What was wrong when it was last asked; null when it answered.</param>
    private sealed record Contact(DateTimeOffset? Last, string? Problem);
}
