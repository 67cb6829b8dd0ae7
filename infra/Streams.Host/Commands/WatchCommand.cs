using System.CommandLine;
using System.Text.Json;
using Confluent.Kafka;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams watch captions|graphs|imputed|queries|modes</c>: prints results as they come.</summary>
internal static class WatchCommand
{
    private static readonly Dictionary<string, string> TopicsByName = new()
    {
        ["captions"] = Topics.VideoCaptions,
        ["graphs"] = Topics.SensorGraphs,
        ["imputed"] = Topics.SensorImputed,
        ["queries"] = Topics.LabelQueries,
        ["modes"] = Topics.LabelModes,
    };

    public static Command Create()
    {
        var kind = new Argument<string>("results") { Description = "captions, graphs, imputed, queries or modes" };
        kind.AcceptOnlyFromAmong([.. TopicsByName.Keys]);
        var key = new Option<string?>("--key") { Description = "Only this camera, sensor network or labelling task." };
        var run = new Option<string>("--run") { Description = "The run to watch.", DefaultValueFactory = _ => Topics.LiveRun };
        var beginning = new Option<bool>("--from-beginning") { Description = "Start with the oldest result instead of the next one." };
        var max = new Option<int?>("--max") { Description = "Stop after so many results." };
        var kafka = CommonOptions.Kafka();
        var json = CommonOptions.Json();
        var command = new Command("watch", "Print results as they come, each id once. Ctrl-C stops.")
        {
            kind, key, run, beginning, max, json, kafka, CommonOptions.Set(),
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            var watch = new Watch(
                options,
                Topics.ForRun(parsed.GetValue(run)!, TopicsByName[parsed.GetValue(kind)!]),
                parsed.GetValue(key),
                parsed.GetValue(beginning),
                parsed.GetValue(max) ?? int.MaxValue,
                parsed.GetValue(json));
            return Task.Run(() => watch.Run(cancellation), CancellationToken.None);
        });
        return command;
    }

    private sealed record Watch(StreamsOptions Options, string Topic, string? Key, bool FromBeginning, int Max, bool Json)
    {
        public int Run(CancellationToken cancellation)
        {
            using var consumer = new ConsumerBuilder<byte[], byte[]>(Options.Kafka.ToConsumerConfig("streams-watch"))
                .SetLogHandler((_, _) => { })
                .SetErrorHandler((_, _) => { })
                .Build();
            consumer.Assign(Partitions(consumer));
            // A grain that crashed between publishing and noting it publishes again, under the same id.
            var seen = new HashSet<string>();
            var shown = 0;
            while (shown < Max)
            {
                ConsumeResult<byte[], byte[]> record;
                try
                {
                    record = consumer.Consume(cancellation);
                }
                catch (OperationCanceledException)
                {
                    break;
                }

                ResultRecord result;
                try
                {
                    result = ResultReader.Read(record).Result;
                }
                catch (RecordFormatException)
                {
                    // Somebody else's record on our topic.
                    continue;
                }

                if ((Key is null || result.Key == Key) && seen.Add(result.Id))
                {
                    Print(result);
                    shown++;
                }
            }

            consumer.Close();
            return 0;
        }

        private List<TopicPartitionOffset> Partitions(IConsumer<byte[], byte[]> consumer)
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var topic = Broker.Metadata(admin, Options.Kafka.BootstrapServers).Topics.FirstOrDefault(topic => topic.Topic == Topic);
            return topic is { Partitions.Count: > 0 }
                ? [.. topic.Partitions.Select(partition => new TopicPartitionOffset(Topic, partition.PartitionId, FromBeginning ? Offset.Beginning : Offset.End))]
                : throw new StreamsException($"There is no topic {Topic} at {Options.Kafka.BootstrapServers}", "check --run, or create the topics with `streams topics create`");
        }

        private void Print(ResultRecord result)
        {
            if (Json)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(result, ResultJson.Options));
                Console.Out.Flush();
            }
            else
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]{result.Time:yyyy-MM-dd HH:mm:ss}[/] [bold]{result.Key}[/] {ResultText.Of(result)}");
            }
        }
    }
}
