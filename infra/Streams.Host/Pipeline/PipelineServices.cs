using Microsoft.Extensions.DependencyInjection;
using Streams.Host.Runs;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Decoding;
using Streams.Ingest.Pump;
using Streams.Processors.Captioning;
using Streams.Schemas.Processing;

namespace Streams.Host.Pipeline;

/// <summary>Registers what reads and what computes.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddProcessors(this IServiceCollection services, HostCaptioner captioner)
    {
        services.AddSingleton(captioner).AddSingleton<ICaptioner>(captioner).AddSingleton<RunRegistry>().AddSingleton<RunProcessors>();
        return services.AddSingleton<IRunProcessors>(provider => provider.GetRequiredService<RunProcessors>());
    }

    public static IServiceCollection AddPumps(this IServiceCollection services)
    {
        services.AddSingleton<IDeadLetterSink, DeadLetterPublisher>();
        services.AddSingleton<IRecordDecoder, VideoFrameDecoder>();
        services.AddSingleton<IRecordDecoder, SensorSignalDecoder>();
        services.AddSingleton<IRecordDecoder, LabelSampleDecoder>();
        services.AddSingleton<PumpSet>(provider => new PumpSet(provider.GetServices<IRecordDecoder>()
            .Select(decoder => ActivatorUtilities.CreateInstance<TopicPump>(provider, decoder))
            .ToList()));
        return services.AddHostedService(provider => provider.GetRequiredService<PumpSet>());
    }
}
