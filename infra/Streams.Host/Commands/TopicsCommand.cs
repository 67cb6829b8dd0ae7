using System.CommandLine;
using Confluent.Kafka;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Schemas;

namespace Streams.Host.Commands;

/// <summary><c>streams topics create|list</c>.</summary>
internal static class TopicsCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka();
        var createJson = CommonOptions.Json();
        var create = new Command("create", "Create the source, result and dead-letter topics that are missing.") { kafka, createJson, CommonOptions.Set() };
        create.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            var (created, refused) = await KafkaAccess.EnsureTopicsAsync(options, Topics.LiveRun, cancellation);
            if (refused.Count > 0)
            {
                throw new StreamsException($"{created.Count} topics created; this client may not create {string.Join(", ", refused)}",
                    "grant it Create and Describe on them, or have them created by somebody who may");
            }

            if (parsed.GetValue(createJson))
            {
                Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { created }));
                return 0;
            }

            AnsiConsole.MarkupLineInterpolated($"{created.Count} topics created, {KafkaAccess.LiveTopics - created.Count} were there already.");
            return 0;
        });

        var listKafka = CommonOptions.Kafka();
        var json = CommonOptions.Json();
        var list = new Command("list", "List the pipeline's topics with their partitions and records.") { listKafka, json, CommonOptions.Set() };
        list.SetAction((parsed, _) =>
        {
            var options = CommonOptions.Load(parsed, (listKafka, "Streams:Kafka:BootstrapServers"));
            List(options, parsed.GetValue(json));
            return Task.FromResult(0);
        });
        return new Command("topics", "Create or list the pipeline's topics.") { create, list };
    }

    private static void List(StreamsOptions options, bool json)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(options.Kafka.ToConsumerConfig("streams-topics")).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var metadata = Broker.Metadata(admin, options.Kafka.BootstrapServers);
        var rows = metadata.Topics
            .Where(topic => Topics.Sources.Concat(Topics.Results).Any(name =>
                topic.Topic == name || topic.Topic == Topics.DeadLetter(name) || topic.Topic.StartsWith("run.", StringComparison.Ordinal)))
            .OrderBy(topic => topic.Topic, StringComparer.Ordinal)
            .Select(topic => (topic.Topic, Partitions: topic.Partitions.Count, Records: topic.Partitions.Sum(partition =>
            {
                var offsets = consumer.QueryWatermarkOffsets(new TopicPartition(topic.Topic, partition.PartitionId), TimeSpan.FromSeconds(10));
                return offsets.High.Value - offsets.Low.Value;
            })))
            .ToList();
        if (json)
        {
            foreach (var row in rows)
            {
                Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { topic = row.Topic, partitions = row.Partitions, records = row.Records }));
            }

            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("topic").AddColumn(new TableColumn("partitions").RightAligned()).AddColumn(new TableColumn("records").RightAligned());
        foreach (var row in rows)
        {
            table.AddRow(row.Topic, $"{row.Partitions}", $"{row.Records:n0}");
        }

        AnsiConsole.Write(table);
        if (rows.Count == 0)
        {
            AnsiConsole.MarkupLine("No topics of the pipeline yet: `streams topics create` makes them.");
        }
    }
}
