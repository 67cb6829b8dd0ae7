using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Publishing;
using Streams.Ingest.Pump;

namespace Streams.Ingest;

/// <summary>Registers this project's services.</summary>
public static class IngestServiceCollectionExtensions
{
    /// <summary>The publisher, the topic administration and the dead letters. Options are bound by the caller.</summary>
    public static IServiceCollection AddStreamsPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new RecordPublisher(
            Options<KafkaOptions>(provider),
            Options<PublisherOptions>(provider),
            provider.GetRequiredService<ILogger<RecordPublisher>>()));
        services.TryAddSingleton(provider => new TopicAdmin(Options<KafkaOptions>(provider), provider.GetRequiredService<ILogger<TopicAdmin>>()));
        services.TryAddSingleton<IDeadLetterSink, DeadLetterPublisher>();
        return services;
    }

    /// <summary>
    /// One pump for every <see cref="IRecordDecoder"/> registered, each a hosted service. The caller registers <see cref="IRecordSink"/>
    /// and <see cref="IPartitionCursors"/>.
    /// </summary>
    public static IServiceCollection AddStreamsPumps(this IServiceCollection services)
    {
        services.AddStreamsPublishing();
        services.TryAddSingleton(provider => new TopicPumps(provider.GetServices<IRecordDecoder>().Select(decoder => new TopicPump(
            decoder,
            provider.GetRequiredService<IRecordSink>(),
            provider.GetRequiredService<IPartitionCursors>(),
            provider.GetRequiredService<IDeadLetterSink>(),
            Options<KafkaOptions>(provider),
            Options<PumpOptions>(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TopicPump>>()))));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<TopicPumps>());
        return services;
    }

    private static T Options<T>(IServiceProvider provider)
        where T : class => provider.GetRequiredService<IOptions<T>>().Value;
}
