using Streams.Schemas;

namespace Streams.Benchmarks.Pipeline.Sections;

/// <summary>
/// The development broker alone: records of 1 KB in and out, its start, and its memory with 1 GB of log. A real Kafka is not to be had here: the targets are
/// what one did on a quiet machine of this kind (../shared/design/platform.md). With STREAMS_KAFKA the figures are that broker's.
/// </summary>
internal static class BrokerSection
{
    private const int Partitions = 4;
    private const int Gigabyte = 1024 * 1024;
    private const double KafkaWrites = 60_000;
    private const double KafkaReads = 112_000;

    public static async Task RunAsync(PipelineSettings settings)
    {
        var (starts, writes, reads, memory) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < settings.Repeats; i++)
        {
            await using var services = await Services.StartAsync();
            starts.Add(services.BrokerStart.TotalSeconds);
            // The log of 1 GB once, and in parts of it else: the disk's cache is others' too.
            var records = i == 0 ? Gigabyte : Gigabyte / 8;
            await services.CreateTopicAsync(Topics.LabelSamples, Partitions);
            writes.Add(await Loads.WriteAsync(services.Kafka, Topics.LabelSamples, records, Loads.Labels(1_000)));
            if (i == 0 && services.Broker is { } broker)
            {
                memory.Add(broker.ResidentBytes() / 1e6);
            }

            await using var loop = services.StartRaw(Topics.LabelSamples, records);
            reads.Add(Drain.Of(await loop.DoneAsync(records), records).Rate);
        }

        settings.Board.AtLeast("broker: 1 KB written", KafkaWrites, writes, "records/s", writes.Max() / KafkaWrites);
        settings.Board.AtLeast("broker: 1 KB read back", KafkaReads, reads, "records/s", reads.Max() / KafkaReads);
        settings.Board.AtMost("broker: start", 1, starts, "s");
        if (memory.Count > 0)
        {
            settings.Board.AtMost("broker: memory with 1 GB of log", 100, memory, "MB");
        }
    }
}
