using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.DeadLetters;

public sealed class DeadLetterCompactionTests
{
    private const string Letters = "t.dlt";

    // A topic by its records: a number is a letter of that offset, -n a marker of the letter n, 0 a record that is neither.
    [Theory]
    [InlineData(new[] { 1, 2, -1, -2 }, 99, 4)]
    [InlineData(new[] { 1, 2, 3, -1, -2 }, 99, 2)]
    [InlineData(new[] { 1, -1, 2 }, 99, 2)]
    [InlineData(new[] { 1, 2, -2 }, 99, 0)]
    // The letter 1 lies again behind the pending 2: its marker must stay.
    [InlineData(new[] { 1, -1, 3, -3, 2, 1 }, 99, 1)]
    [InlineData(new[] { 3, -3, 1, -1, 2, 1 }, 99, 3)]
    // One marker that must stay keeps a repetition that keeps another marker.
    [InlineData(new[] { 1, -1, 2, -2, 1, 3, 2 }, 99, 1)]
    // Repeated, and nothing is pending behind it: all can go.
    [InlineData(new[] { 1, -1, 1 }, 99, 3)]
    // The pump has not committed its way past 2, and would write its letter again after a crash.
    [InlineData(new[] { 1, -1, 2, -2, 3, -3 }, 2, 3)]
    [InlineData(new[] { 1, -1, 0, 2, -2 }, 99, 2)]
    [InlineData(new int[0], 99, 0)]
    public void SafeEnds_OfATopic_LeaveWhatStillMatters(int[] topic, int committed, long end)
    {
        var index = new DeadLetterIndex(new DeadLetterFilter());
        index.Ends[0] = topic.Length;
        for (var position = 0; position < topic.Length; position++)
        {
            index.Add(Record(topic[position], position));
        }

        index.Complete();

        Assert.Equal(end, DeadLetterCompaction.SafeEnds(index, (_, offset) => offset < committed)[0]);
    }

    [Fact]
    public async Task RunAsync_PurgedLetters_AreDeletedUpToWhereTheGroupIs()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(9);
        bench.Operation(DeadLetterStatus.Purged).Run(new DeadLetterFilter(), ct: TestContext.Current.CancellationToken);
        var compaction = new DeadLetterCompaction(bench.Kafka, bench.Topic, NullLogger.Instance);

        // No pump has been here: each letter could come again. The letters before the first marker can go, not that.
        Assert.Equal(9, await compaction.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await compaction.RunAsync(TestContext.Current.CancellationToken));
        Commit(bench, 3);
        Assert.True(await compaction.RunAsync(TestContext.Current.CancellationToken) >= 9);

        Assert.Empty(await bench.ReadAsync(bench.Topic.Name, 0));
    }

    [Fact]
    public async Task RunAsync_LettersOfAReplay_AreLeftToTheRun()
    {
        var compaction = new DeadLetterCompaction(new KafkaOptions(), new DeadLetterTopic("label.samples", "check"), NullLogger.Instance);

        Assert.Contains("check", (await Assert.ThrowsAsync<DeadLetterException>(() => compaction.RunAsync(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    private static void Commit(LetterBench bench, long offset)
    {
        // As the pump's group for lag tools does.
        using var consumer = new ConsumerBuilder<byte[]?, byte[]?>(
            KafkaClients.Consumer(bench.Kafka, KafkaClients.GroupId(bench.Kafka, bench.Topic.Source), 1024, TimeSpan.FromMinutes(5))).Build();
        consumer.Commit(Enumerable.Range(0, LetterBench.Partitions).Select(partition => new TopicPartitionOffset(bench.Topic.Source, partition, offset)));
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(int code, int position)
    {
        var time = DateTimeOffset.UnixEpoch;
        IEnumerable<KeyValuePair<string, byte[]>> headers = code switch
        {
            0 => [],
            > 0 => new DeadLetter("live", "t", 0, code, time, "E", "r").ToHeaders(),
            < 0 => new DeadLetterMarker(DeadLetterMarker.Purged, "live", new RecordOrigin("t", 0, -code), time, time).ToHeaders(),
        };
        return Fakes.Records.Raw(position, null, null, headers, Letters);
    }
}
