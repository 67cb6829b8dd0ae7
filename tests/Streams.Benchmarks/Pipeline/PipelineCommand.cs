using System.Globalization;
using Streams.Benchmarks.Pipeline.Roles;
using Streams.Benchmarks.Pipeline.Sections;
using Streams.TestKit.Redis;

namespace Streams.Benchmarks.Pipeline;

/// <summary>The pipeline as whole processes: a broker, a redis-server, hosts and a raw loop beside them, on one machine in one run.</summary>
internal static class PipelineCommand
{
    private static readonly (string Name, string What, Func<PipelineSettings, Task> Run)[] Sections =
    [
        ("throughput", "records of 1 KB against a raw consume loop", ThroughputSection.RunAsync),
        ("frames", "records of 100 KB against a raw consume loop", FramesSection.RunAsync),
        ("latency", "from a record's writing to its visible result", LatencySection.RunAsync),
        ("broker", "the development broker alone", BrokerSection.RunAsync),
        ("replay", "a backfill beside live", ReplaySection.RunAsync),
        ("growth", "hosts, partitions and keys", GrowthSection.RunAsync),
        ("start", "streams up until it is ready", StartSection.RunAsync),
    ];

    /// <returns>The exit code: 0; 1 when a target is missed; 2 when the command was not understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        // The other processes that a section starts.
        switch (arguments.ToArray())
        {
            case ["raw", var broker, var topic, var records]:
                return RawRole.Run(broker, topic, long.Parse(records, CultureInfo.InvariantCulture), output);
            case ["host", var topic, var processors, .. var settings]:
                return await HostRole.RunAsync(topic, processors, settings, output);
        }

        var chosen = arguments.Where(argument => argument != "--short").SelectMany(argument => argument.Split(',')).ToList();
        if (chosen.Except(Sections.Select(section => section.Name)).Any())
        {
            output.WriteLine("pipeline [SECTION,…] [--short]");
            foreach (var (name, what, _) in Sections)
            {
                output.WriteLine($"  {name,-12}{what}");
            }

            return 2;
        }

        var board = new Scoreboard(output);
        await RunAsync(new PipelineSettings(arguments.Contains("--short"), board), name => chosen.Count == 0 || chosen.Contains(name));
        board.Print();
        return board.Missed == 0 ? 0 : 1;
    }

    /// <summary>Runs the sections that <paramref name="takes"/> says.</summary>
    public static async Task RunAsync(PipelineSettings settings, Func<string, bool> takes)
    {
        if (!RedisServer.IsInstalled)
        {
            settings.Board.Missing("pipeline", RedisServer.Remedy);
            return;
        }

        foreach (var (name, what, run) in Sections.Where(section => takes(section.Name)))
        {
            settings.Board.Output.WriteLine($"{name}: {what}");
            try
            {
                await run(settings);
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException or Confluent.Kafka.KafkaException)
            {
                // The other sections' figures are worth having.
                settings.Board.Missing(name, e.Message.ReplaceLineEndings(" "));
            }
        }
    }
}
