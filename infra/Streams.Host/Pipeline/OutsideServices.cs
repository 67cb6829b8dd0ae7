using System.Diagnostics;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Schemas;

namespace Streams.Host.Pipeline;

/// <summary>
/// First contact with Redis and the broker. A host that is started again while one of them is away waits for it, within bounds, instead of
/// ending and being restarted over and over; what waiting cannot mend is said at once.
/// </summary>
internal sealed class OutsideServices(StreamsOptions options, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayEvery = TimeSpan.FromSeconds(10);

    /// <summary>A connection that comes back by itself when Redis does.</summary>
    /// <exception cref="StreamsException">Redis refuses, or did not answer for <see cref="StreamsOptions.StartPatience"/>.</exception>
    public Task<IConnectionMultiplexer> ConnectRedisAsync(CancellationToken cancellation)
    {
        var where = Redact.Redis(options.EffectiveRedis);
        var configuration = options.RedisClient();
        configuration.AbortOnConnectFail = true;
        return WaitAsync(
            $"Redis at {where}",
            async () =>
            {
                IConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(cancellation);
                try
                {
                    await redis.GetDatabase().PingAsync().WaitAsync(cancellation);
                    return redis;
                }
                catch
                {
                    await redis.DisposeAsync();
                    throw;
                }
            },
            e => e is RedisException or TimeoutException ? (RedisTrouble.Of(e).Lasts ? Fault.Lasting : Fault.Passing)
                : Fault.Unknown,
            e => RedisTrouble.Of(e) is { Lasts: true } trouble
                ? new StreamsException($"Redis at {where} {trouble.Detail}", trouble.Remedy)
                : new StreamsException($"No Redis answers at {where}",
                    "check Streams:Redis:ConnectionString and its password, or leave it out to use the embedded one"),
            cancellation);
    }

    /// <summary>
    /// Creates the pipeline's topics that do not exist. Those that the client may not use are named in the log; the others are read and written.
    /// </summary>
    /// <exception cref="StreamsException">The broker refuses, or did not answer for <see cref="StreamsOptions.StartPatience"/>.</exception>
    public async Task EnsureTopicsAsync(CancellationToken cancellation)
    {
        var topics = await WaitAsync(
            $"the broker at {options.Kafka.BootstrapServers}",
            () => KafkaAccess.EnsureTopicsAsync(options, Topics.LiveRun, cancellation),
            e => e is not PublishException publish ? Fault.Unknown : Broker.IsAway(publish.Code) ? Fault.Passing : Fault.Lasting,
            e => Broker.Unreachable(options.Kafka.BootstrapServers, e.Message),
            cancellation);
        foreach (var topic in topics.Refused)
        {
            logger.TopicRefused(topic);
        }
    }

    private async Task<T> WaitAsync<T>(
        string what, Func<Task<T>> attempt, Func<Exception, Fault> judge, Func<Exception, StreamsException> giveUp, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var saidAt = TimeSpan.MinValue;
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception e) when (judge(e) is var fault and not Fault.Unknown && !cancellation.IsCancellationRequested)
            {
                var waited = Stopwatch.GetElapsedTime(began);
                if (fault == Fault.Lasting || waited >= options.StartPatience)
                {
                    throw giveUp(e);
                }

                if (saidAt == TimeSpan.MinValue || waited - saidAt >= SayEvery)
                {
                    saidAt = waited;
                    logger.WaitingForService(what, (int)waited.TotalSeconds, (int)options.StartPatience.TotalSeconds, e.Message.ReplaceLineEndings(" "));
                }
            }

            await Task.Delay(Interval, cancellation);
        }
    }

    private enum Fault
    {
        Unknown,
        Passing,
        Lasting,
    }
}
