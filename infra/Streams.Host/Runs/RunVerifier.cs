using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Runs;

/// <summary>
/// Compares what a run has published with what live has, both as a reader of committed records sees them and each id once. Of the values only
/// hashes are kept; those that are shown are read again.
/// </summary>
internal sealed class RunVerifier(StreamsOptions options, RunRegistry registry)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Reads both sides to their present ends.</summary>
    /// <exception cref="StreamsException">No such run, or it is not done.</exception>
    public async Task<RunVerification> VerifyAsync(string run, int differences, CancellationToken cancellation)
    {
        var status = await registry.FindAsync(run) ?? throw new StreamsException($"There is no run '{run}'", "see `streams runs list`");
        if (status.State != RunState.Done)
        {
            throw new StreamsException($"Run {run} is {status.State.ToString().ToLowerInvariant()}", "verify it when it is done");
        }

        return await Task.Factory.StartNew(
            () => Verify(status, differences, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Distinct results that a run has published, by result topic.</summary>
    public Task<Dictionary<string, long>> CountAsync(RunStatus run, CancellationToken cancellation) => Task.Factory.StartNew(
        () => Topics.Results.ToDictionary(topic => topic, topic => (long)Hashes(Topics.ForRun(run.Run, topic), run, cancellation).Count),
        cancellation,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private RunVerification Verify(RunStatus run, int most, CancellationToken cancellation)
    {
        var topics = new List<TopicVerification>();
        var found = new List<RunDifference>();
        foreach (var topic in Topics.Results)
        {
            var live = Hashes(topic, run, cancellation);
            var inRun = Hashes(Topics.ForRun(run.Run, topic), run, cancellation);
            if (live.Count + inRun.Count == 0)
            {
                continue;
            }

            var different = live.Where(entry => inRun.TryGetValue(entry.Key, out var hash) && (hash != entry.Value || hash == TwoValues)).Select(entry => entry.Key).ToList();
            var missing = live.Keys.Where(id => !inRun.ContainsKey(id)).ToList();
            var extra = inRun.Keys.Where(id => !live.ContainsKey(id)).ToList();
            topics.Add(new TopicVerification(topic, live.Count - different.Count - missing.Count, different.Count, missing.Count, extra.Count));
            var shown = different.Concat(missing).Concat(extra).Order().Take(most - found.Count).ToHashSet();
            if (shown.Count > 0)
            {
                found.AddRange(Show(topic, run, shown, cancellation));
            }
        }

        return new RunVerification(run.Run, topics, found);
    }

    // No value hashes to it in practice: an id that has come with two values.
    private const ulong TwoValues = 0;

    private Dictionary<Place, ulong> Hashes(string topic, RunStatus run, CancellationToken cancellation)
    {
        var hashes = new Dictionary<Place, ulong>();
        Read(topic, run, cancellation, (place, _, value) =>
        {
            var hash = XxHash64.HashToUInt64(value) | 1;
            hashes[place] = hashes.TryGetValue(place, out var before) && before != hash ? TwoValues : hash;
        });
        return hashes;
    }

    private List<RunDifference> Show(string topic, RunStatus run, HashSet<Place> places, CancellationToken cancellation)
    {
        var shown = places.ToDictionary(place => place, place => new RunDifference(topic, $"{run.Topic}/{place}", "", null, null));
        Read(topic, run, cancellation, (place, key, value) => Note(place, key, difference => difference with { Live = Parse(value) }));
        Read(Topics.ForRun(run.Run, topic), run, cancellation, (place, key, value) => Note(place, key, difference => difference with { InRun = Parse(value) }));
        return [.. shown.OrderBy(pair => pair.Key).Select(pair => pair.Value)];

        void Note(Place place, string key, Func<RunDifference, RunDifference> note)
        {
            if (shown.TryGetValue(place, out var difference))
            {
                shown[place] = note(difference) with { Key = key };
            }
        }
    }

    /// <summary>Results that records inside the run's bounds have caused.</summary>
    private void Read(string topic, RunStatus run, CancellationToken cancellation, Action<Place, string, byte[]> take)
    {
        var config = options.Kafka.ToConsumerConfig("streams-verify");
        config.EnablePartitionEof = true;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = Broker.Metadata(admin, options.Kafka.BootstrapServers).Topics.FirstOrDefault(known => known.Topic == topic)?.Partitions ?? [];
        var bounds = run.Ranges.ToDictionary(range => range.Partition);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(topic, partition.PartitionId, Offset.Beginning)));
        for (var open = partitions.Count; open > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = consumer.Consume(Patience) ?? throw new StreamsException($"{topic} was not read to its end in {Patience}", "check the broker with `streams doctor`");
            if (record.IsPartitionEOF)
            {
                open--;
                consumer.IncrementalUnassign([record.TopicPartition]);
                continue;
            }

            var id = record.Message.Headers is { } headers && headers.TryGetLastBytes(Schemas.Envelope.Headers.Id, out var bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : null;
            if (ResultId.TryParse(id, out var result) && result.Topic == run.Topic
                && bounds.TryGetValue(result.Partition, out var range) && result.Offset >= range.Start && result.Offset < range.End)
            {
                take(new Place(result.Partition, result.Offset, result.N), System.Text.Encoding.UTF8.GetString(record.Message.Key ?? []), record.Message.Value);
            }
        }
    }

    private static JsonElement? Parse(byte[] value)
    {
        using var json = JsonDocument.Parse(value);
        return json.RootElement.Clone();
    }

    /// <summary>An id without run and topic.</summary>
    private readonly record struct Place(int Partition, long Offset, int N) : IComparable<Place>
    {
        public int CompareTo(Place other) => (Partition, Offset, N).CompareTo((other.Partition, other.Offset, other.N));

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition}/{Offset}/{N}");
    }
}
