using Streams.DevBroker;
using Streams.Schemas;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>Frames of 100 KB as they come, not decoded: the rate beside a raw loop, what memory they take, and what is fetched in vain when work is slow.</summary>
internal static class FramesSection
{
    private const int Partitions = 4;
    private const int Cameras = 16;
    private const double LeastOfRaw = 0.9;
    private const double MostMegabytes = 150;
    private const double MostWire = 1.2;

    public static async Task RunAsync(PipelineSettings settings)
    {
        var records = settings.Size(3_000, 10_000);
        await using (var services = await Services.StartAsync())
        {
            await services.CreateTopicAsync(Topics.VideoFrames, Partitions);
            double idle;
            await using (var host = services.StartHost(Topics.VideoFrames, "counting"))
            {
                // Two seconds of standing still.
                var still = await host.WaitAsync(progress => progress.Count > 0 && progress[^1].Seconds - progress[0].Seconds > 2, TimeSpan.FromSeconds(60));
                idle = still[^1].ResidentBytes;
            }

            await Loads.WriteAsync(services.Kafka, Topics.VideoFrames, records, Loads.Frames(Cameras));
            var (raw, drains) = (new List<Drain>(), new List<Drain>());
            for (var i = 0; i < settings.Repeats; i++)
            {
                await using (var loop = services.StartRaw(Topics.VideoFrames, records))
                {
                    raw.Add(Drain.Of(await loop.DoneAsync(records), records));
                }

                await using var host = services.StartHost(Topics.VideoFrames, "counting");
                drains.Add(Drain.Of(await host.DoneAsync(records), records));
            }

            var best = raw.Max(drain => drain.Rate);
            settings.Board.Note("frames of 100 KB: raw loop", [.. raw.Select(drain => drain.Rate)], "records/s");
            settings.Board.AtLeast("frames of 100 KB: rate over raw", LeastOfRaw, [.. drains.Select(drain => drain.Rate / best)], "of raw");
            settings.Board.AtMost(
                "frames of 100 KB: memory above an idle host", MostMegabytes, [.. drains.Select(drain => (drain.PeakResidentBytes - idle) / 1e6)], "MB");
        }

        settings.Board.AtMost("frames of 100 KB: wire bytes under back-pressure", MostWire, [await WireAsync(settings.Size(1_500, 5_000))], "of payload");
    }

    /// <summary>Bytes that a host with slow work and little room was sent, over those of the frames that it read.</summary>
    private static async Task<double> WireAsync(int records)
    {
        var folder = Directory.CreateTempSubdirectory("streams-bench-");
        await using var relay = new CountingRelay();
        var broker = new DevBrokerServer(new DevBrokerOptions { DataDirectory = folder.FullName, Port = relay.TargetPort, AdvertisedPort = relay.Port });
        try
        {
            await broker.StartAsync();
            await using var services = await Services.StartAsync($"127.0.0.1:{relay.Port}");
            await services.CreateTopicAsync(Topics.VideoFrames, Partitions);
            await Loads.WriteAsync(services.Kafka, Topics.VideoFrames, records, Loads.Frames(Cameras));
            var before = relay.Received;
            await using var host = services.StartHost(Topics.VideoFrames, "slow", settings: ["Streams:Pump:FrameByteBudget=8388608"]);
            await host.DoneAsync(records);
            return (relay.Received - before) / (records * 100.0 * Loads.Kilobyte);
        }
        finally
        {
            await broker.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }
}
