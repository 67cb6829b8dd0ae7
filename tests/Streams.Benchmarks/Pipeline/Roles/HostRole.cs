using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest.Decoding;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary>
/// <c>pipeline host TOPIC real|counting|slow [SETTING=VALUE…]</c>: the whole host as <c>streams up</c> composes it. With <c>counting</c>, processors only count, and
/// frames reach them as they came; everything else is what runs in production: decoding, lanes, grains, a fenced write of state a batch, cursors. With
/// <c>slow</c> they take their time as well. Prints its progress on the topic until its input ends.
/// </summary>
internal static class HostRole
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(string topic, string processors, IEnumerable<string> settings, TextWriter output)
    {
        // As the program's own start.
        ThreadPool.SetMinThreads(64, 64);
        var options = StreamsConfiguration.Load(settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => (string?)pair[1]));
        await using var host = await StreamsHost.StartAsync(options, CancellationToken.None, LogLevel.Warning, processors == "real" ? null : services => Replace(services, processors == "slow" ? TimeSpan.FromMilliseconds(10) : TimeSpan.Zero));
        var pumps = host.Services.GetRequiredService<PumpSet>();
        using var ended = new CancellationTokenSource();
        _ = Task.Run(async () =>
        {
            await Console.In.ReadToEndAsync();
            await ended.CancelAsync();
        });
        using var timer = new PeriodicTimer(Interval);
        var (last, told) = (-1L, 0);
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                var statistics = pumps[topic];
                // Standing still, once in a while: memory goes on changing.
                if (statistics.Applied != last || ++told % 10 == 0)
                {
                    last = statistics.Applied;
                    await output.WriteLineAsync(Progress.Now(last).ToString());
                }

                if (statistics.DeadLettered > 0)
                {
                    throw new InvalidOperationException($"{statistics.DeadLettered} records were refused");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }

        return 0;
    }

    private static void Replace(IServiceCollection services, TimeSpan pause)
    {
        services.RemoveAll<IRunProcessors>();
        services.AddSingleton<IRunProcessors>(new CountingProcessors(pause));
        services.Remove(services.Single(service => service.ImplementationType == typeof(VideoFrameDecoder)));
        services.AddSingleton<IRecordDecoder, UndecodedFrames>();
    }
}
