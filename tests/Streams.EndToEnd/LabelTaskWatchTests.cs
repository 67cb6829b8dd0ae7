using System.Text;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StackExchange.Redis;
using Streams.EndToEnd.Faults;
using Streams.EndToEnd.Support;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.EndToEnd;

/// <summary>Whole hosts, and no client but the one that opens the tasks.</summary>
public sealed partial class LabelTaskWatchTests
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

    [Fact]
    public async Task TwoHosts_EachTaskIsRepeatedByItsPartitionsOwner_AndByTheOtherOnceThatIsKilled()
    {
        await using var cluster = await FaultCluster.StartAsync(hosts: 1, partitions: 4);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.Redis.ConnectionString);
        // As the version before kept its tasks: the next host to start takes them over.
        var old = new LabelTask("old", 0.01, 2, 1000, ReaskAfterSeconds: 1);
        await redis.GetDatabase().HashSetAsync("streams/label-tasks", old.Task, LabelCodec.Encode(old));
        cluster.Hosts.Add(await cluster.NewHost().StartAsync());
        string[] tasks = [.. Enumerable.Range(0, 8).Select(i => $"task-{i}")];
        using (var producer = KafkaTopic.Producer(cluster.Kafka))
        {
            for (var i = 0; i < tasks.Length; i++)
            {
                var to = new TopicPartition(Topics.LabelSamples, i % 4);
                producer.Produce(to, KafkaTopic.Definition(new LabelTask(tasks[i], 0.01, 2, 1000, ReaskAfterSeconds: 1)));
            }

            producer.Flush(Patience);
        }

        string[] all = [.. tasks, "old"];
        string Outputs() => string.Join("\n---\n", cluster.Hosts.Select(host => host.Output));
        await Eventually.TrueAsync(() => RepeatedByOwnersAsync(cluster.Hosts[0], cluster.Hosts[1], all), 2 * Patience, Outputs);
        Assert.Equal(0, await redis.GetDatabase().HashLengthAsync("streams/label-tasks"));
        Assert.Equal(all.Order(), (await StoredAsync(redis)).Order());

        await cluster.Hosts[0].KillAsync();
        var before = Repeated(cluster.Hosts[1]);
        await Eventually.TrueAsync(() => Task.FromResult(all.All(task => Repeated(cluster.Hosts[1])[task] > before[task] + 1)), 2 * Patience, Outputs);

        var stop = LabelRecords.Stop(new LabelStop(tasks[0], "the test"), DateTimeOffset.UtcNow);
        using (var producer = KafkaTopic.Producer(cluster.Kafka))
        {
            var headers = new Headers();
            stop.Envelope.ToHeaders().ToList().ForEach(header => headers.Add(header.Key, header.Value));
            producer.Produce(
                new TopicPartition(Topics.LabelSamples, 0), new() { Key = Encoding.UTF8.GetBytes(stop.Key), Value = stop.Value.ToArray(), Headers = headers });
            producer.Flush(Patience);
        }

        await Eventually.TrueAsync(async () => (await StoredAsync(redis)).Order().SequenceEqual(all.Except([tasks[0]]).Order()), Patience, Outputs);
        Assert.Empty(KafkaTopic.ReadAll(cluster.Kafka, Topics.DeadLetter(Topics.LabelSamples)));
    }

    /// <summary>Whether, while all tasks were repeated, each was by one host alone and both had some. Partitions may still move at first.</summary>
    private static async Task<bool> RepeatedByOwnersAsync(HostProcess one, HostProcess other, string[] tasks)
    {
        var (ofOne, ofOther) = (Repeated(one), Repeated(other));
        HashSet<string> Since(HostProcess host, Counts before) => [.. tasks.Where(task => Repeated(host)[task] > before[task])];
        // A task's definition comes every second: in the time of three of one task, another that two hosts follow comes from both.
        await Eventually.TrueAsync(
            () => Task.FromResult(tasks.All(task => Repeated(one)[task] + Repeated(other)[task] >= ofOne[task] + ofOther[task] + 3)),
            Patience,
            () => $"not all tasks are repeated:\n{one.Output}\n---\n{other.Output}");
        var (byOne, byOther) = (Since(one, ofOne), Since(other, ofOther));
        return byOne.Count > 0 && byOther.Count > 0 && !byOne.Overlaps(byOther);
    }

    /// <summary>How often a host says to have repeated each task's definition.</summary>
    private static Counts Repeated(HostProcess host) =>
        new(RepeatedLine().Matches(host.Output).CountBy(match => match.Groups[1].Value).ToDictionary());

    private static async Task<List<string>> StoredAsync(ConnectionMultiplexer redis)
    {
        var stored = new List<string>();
        for (var partition = 0; partition < 4; partition++)
        {
            var keys = await redis.GetDatabase().HashKeysAsync($"streams/state/{{live|{Topics.LabelSamples}}}/tasks/{partition}");
            stored.AddRange(keys.Select(key => key.ToString()));
        }

        return stored;
    }

    [GeneratedRegex(@"Task (\S+): definition published again")]
    private static partial Regex RepeatedLine();

    private sealed class Counts(Dictionary<string, int> counts)
    {
        public int this[string task] => counts.GetValueOrDefault(task);
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
