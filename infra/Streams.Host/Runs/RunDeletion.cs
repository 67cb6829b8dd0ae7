using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using Streams.Dashboard.Results;
using Streams.Grains;
using Streams.Grains.Processing;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Schemas;

namespace Streams.Host.Runs;

/// <summary>Deletes all that a run has left: its topics, its results in Redis, the state of its grains, its cursors, and last its entry.</summary>
internal sealed class RunDeletion(
    StreamsOptions options, RunManager runs, RunRegistry registry, RunPromotion promotion, RunProcessors processors, RedisResultStore store, IGrainFactory grains, IConnectionMultiplexer redis)
{
    /// <summary>Deletes; what an earlier attempt has deleted already does not matter.</summary>
    /// <exception cref="Cli.StreamsException">No such run, or it is running or served.</exception>
    public async Task<RunStatus> DeleteAsync(string run, CancellationToken cancellation)
    {
        await promotion.CheckNotServedAsync(run);
        var status = await runs.ReleaseAsync(run);
        await DeleteTopicsAsync(run);
        await store.DeleteRunAsync(run);
        var prefix = StateKeys.Prefix(options.Orleans.ServiceId, run, status.Topic);
        var database = redis.GetDatabase();
        foreach (var server in redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(pattern: Escape(prefix) + "*").WithCancellation(cancellation))
            {
                // Through its grain, which would else go on with its memory in a run of the same name. The grain of a partition is told by the lease.
                if (!processors.IsLight(status.Topic) && ((string)key!)[prefix.Length..] is var rest && rest.StartsWith("stream/", StringComparison.Ordinal))
                {
                    await grains.GetGrain<IStreamGrain>(new StreamKey(run, status.Topic, rest["stream/".Length..]).ToString()).ForgetAsync();
                }

                await database.KeyDeleteAsync(key);
            }
        }

        processors.Forget(run);
        await registry.RemoveAsync(run);
        return status;
    }

    private async Task DeleteTopicsAsync(string run)
    {
        using var admin = new AdminClientBuilder(options.Kafka.ToAdminConfig()).SetLogHandler((_, _) => { }).Build();
        var prefix = Topics.ForRun(run, "");
        var topics = Cli.Broker.Metadata(admin, options.Kafka.BootstrapServers).Topics
            .Select(topic => topic.Topic).Where(topic => topic.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (topics.Count > 0)
        {
            await admin.DeleteTopicsAsync(topics, new DeleteTopicsOptions { RequestTimeout = TimeSpan.FromSeconds(30) });
        }
    }

    /// <summary>For SCAN's patterns.</summary>
    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal)
        .Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);
}
