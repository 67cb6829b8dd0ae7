using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Streams.EndToEnd.Support;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.EndToEnd;

/// <summary>A whole host, and no client but the one that opens the task.</summary>
public sealed class LabelTaskWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Host_KilledWithOpenTasks_GoesOnAskingAgainAndEndsThemAtTheirDeadline()
    {
        await using var host = await new HostProcess().StartAsync();
        await PublishToNewPartitionAsync(host, new LabelTask("grown", 0.01, 2, Deadline: DateTimeOffset.UtcNow.AddSeconds(10)));
        Publish(host, new LabelTask("asking", 0.01, 2, 1000, InFlight: 2, ReaskAfterSeconds: 1));
        Publish(host, new LabelTask("passive", 0.01, 2, Deadline: DateTimeOffset.UtcNow.AddSeconds(10)));
        await Eventually.TrueAsync(() => Task.FromResult(Asked(host).Count >= 4), Patience, () => host.Output);
        await host.KillAsync();
        await host.StartAsync();
        var before = Asked(host).Count;
        await Eventually.TrueAsync(() => Task.FromResult(Asked(host).Count > before && Modes(host).Count > 1), Patience, () => host.Output);

        Assert.Equal([0L, 1L], Asked(host).Distinct().Order());
        Assert.Equal(
            [("grown", LabelModeStatus.Abstain, 0L), ("passive", LabelModeStatus.Abstain, 0L)],
            Modes(host).Select(mode => (mode.Task, mode.Status, mode.LabelsUsed)).Order());
        Assert.Empty(KafkaTopic.ReadAll(host.Kafka, Topics.DeadLetter(Topics.LabelSamples)));
    }

    private static void Publish(HostProcess host, LabelTask task)
    {
        using var producer = KafkaTopic.Producer(host.Kafka);
        producer.Produce(Topics.LabelSamples, KafkaTopic.Definition(task));
        producer.Flush(Patience);
    }

    private static async Task PublishToNewPartitionAsync(HostProcess host, LabelTask task)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = host.Kafka }).Build();
        var partitions = admin.GetMetadata(Topics.LabelSamples, Patience).Topics.Single().Partitions.Count;
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = Topics.LabelSamples, IncreaseTo = partitions + 1 }]);
        using var producer = KafkaTopic.Producer(host.Kafka);
        producer.Produce(new TopicPartition(Topics.LabelSamples, partitions), KafkaTopic.Definition(task));
        producer.Flush(Patience);
    }

    private static List<long> Asked(HostProcess host)
    {
        var queries = KafkaTopic.ReadResults(host.Kafka, Topics.LabelQueries).Values.Select(json => ResultJson.Deserialize<LabelQuery>(Encoding.UTF8.GetBytes(json)));
        return [.. queries.Where(query => query.Kind == LabelQueryKind.Ask).Select(query => query.Query!.Value)];
    }

    private static List<LabelMode> Modes(HostProcess host) =>
        [.. KafkaTopic.ReadResults(host.Kafka, Topics.LabelModes).Values.Select(json => ResultJson.Deserialize<LabelMode>(Encoding.UTF8.GetBytes(json)))];
}
