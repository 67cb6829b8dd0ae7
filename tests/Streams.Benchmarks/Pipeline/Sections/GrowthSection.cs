using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using Streams.Benchmarks.Pipeline.Roles;
using Streams.Schemas;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>Rate and processor time as hosts and partitions grow, and state and memory as keys do. More hosts than cores share them: there the processor time tells.</summary>
internal static class GrowthSection
{
    private const int Keys = 1_000;

    public static async Task RunAsync(PipelineSettings settings)
    {
        await using var services = await Services.StartAsync();
        var records = settings.Size(150_000, 400_000);
        await HostsAsync(settings, services, records);
        foreach (var partitions in settings.Short ? new[] { 1, 64 } : [1, 4, 16, 64])
        {
            await services.CreateTopicAsync(Topics.LabelSamples, partitions);
            await Loads.WriteAsync(services.Kafka, Topics.LabelSamples, records, Loads.Labels(Keys));
            await using var host = services.StartHost(Topics.LabelSamples, "counting");
            var drain = Drain.Of(await host.DoneAsync(records, 300), records);
            settings.Board.Note($"growth: {partitions} partitions, one host", [drain.Rate], "records/s");
            settings.Board.Note($"growth: {partitions} partitions, one host, processor time", [drain.ProcessorMicroseconds], "µs/record");
        }

        foreach (var keys in settings.Short ? new[] { 30_000 } : [1_000, 10_000, 100_000, 1_000_000])
        {
            await KeysAsync(settings, services, keys);
        }
    }

    private static async Task HostsAsync(PipelineSettings settings, Services services, int records)
    {
        const int Partitions = 16;
        var first = double.NaN;
        foreach (var count in new[] { 1, 2, 4 })
        {
            await services.CreateTopicAsync(Topics.LabelSamples, Partitions);
            var hosts = new List<Child>();
            for (var i = 0; i < count; i++)
            {
                hosts.Add(services.StartHost(Topics.LabelSamples, "counting", cluster: $"growth{count}"));
            }

            // Written once all have their partitions: of a backlog the first host would have read the most before the others came.
            await Task.WhenAll(hosts.Select(host => Web.ReadyAsync(services.UrlOf(host), host)));
            var writing = Loads.WriteAsync(services.Kafka, Topics.LabelSamples, records, Loads.Labels(Keys));
            var drain = Drain.Of(await TogetherAsync(hosts, records), records);
            await writing;
            first = count == 1 ? drain.ProcessorMicroseconds : first;
            settings.Board.Note($"growth: {count} hosts, {Partitions} partitions, while it is written", [drain.Rate], "records/s");
            settings.Board.Note(
                $"growth: {count} hosts, processor time of all", [drain.ProcessorMicroseconds], "µs/record", drain.ProcessorMicroseconds / first);
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <summary>The progress of several hosts as of one.</summary>
    private static async Task<IReadOnlyList<Progress>> TogetherAsync(List<Child> hosts, long records)
    {
        var together = new List<Progress>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(5); await timer.WaitForNextTickAsync())
        {
            var last = hosts.Select(host => host.Progress).Where(progress => progress.Count > 0).Select(progress => progress[^1]).ToList();
            if (last.Count < hosts.Count)
            {
                continue;
            }

            together.Add(new Progress(
                Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency,
                last.Sum(at => at.Done),
                last.Sum(at => at.Processor),
                last.Sum(at => at.ResidentBytes),
                last.Sum(at => at.AllocatedBytes)));
            if (together[^1].Done >= records)
            {
                return together;
            }
        }

        throw new TimeoutException($"{together.LastOrDefault().Done} of {records} records are done");
    }

    /// <summary>A record each for so many keys, and what state and memory they take.</summary>
    private static async Task KeysAsync(PipelineSettings settings, Services services, int keys)
    {
        await services.CreateTopicAsync(Topics.LabelSamples, 4);
        await Loads.WriteAsync(services.Kafka, Topics.LabelSamples, keys, Loads.LabelsInTurn());
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{services.Redis.ConnectionString},allowAdmin=true");
        var before = await UsedMemoryAsync(redis);
        await using var host = services.StartHost(Topics.LabelSamples, "counting");
        var progress = await host.DoneAsync(keys, 900);
        settings.Board.Note($"growth: {keys.ToString("N0", CultureInfo.InvariantCulture)} keys, state in Redis", [(await UsedMemoryAsync(redis) - before) / (double)keys], "bytes/key");
        settings.Board.Note($"growth: {keys.ToString("N0", CultureInfo.InvariantCulture)} keys, memory of the host", [progress[^1].ResidentBytes / 1e6], "MB");
    }

    private static async Task<long> UsedMemoryAsync(ConnectionMultiplexer redis)
    {
        var memory = await redis.GetServers()[0].InfoAsync("memory");
        return long.Parse(memory[0].First(entry => entry.Key == "used_memory").Value, CultureInfo.InvariantCulture);
    }
}
