using System.Text;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.DeadLetters;

public sealed class PurgeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_MeantLetters_AreMarkedAndNothingIsSent()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.LetterAsync(0, 1, "a", reason: "not JSON at byte 7");
        await bench.LetterAsync(1, 2, "b", reason: "no such label");
        await bench.LetterAsync(2, 3, "a", reason: "NOT JSON at byte 9");

        var outcome = bench.Operation(DeadLetterStatus.Purged).Run(new DeadLetterFilter { Reason = "not json" }, ct: Token);

        Assert.Equal((2, 0L), (outcome.Done, outcome.Bytes));
        Assert.Empty(await bench.SentAsync(0));
        var markers = (await bench.ReadAsync(bench.Topic.Name, 5)).Skip(3).ToList();
        Assert.Equal(["a", "a"], markers.Select(marker => Encoding.UTF8.GetString(marker.Message.Key!)));
        Assert.All(markers, marker => Assert.Null(marker.Message.Value));
        Assert.Equal(
            [DeadLetterStatus.Purged, DeadLetterStatus.Pending, DeadLetterStatus.Purged], bench.Index().Entries.Select(letter => letter.Status));
        Assert.Equal([1, 3], bench.Index(new DeadLetterFilter { Status = DeadLetterStatus.Purged }).Entries.Select(letter => letter.Letter.Offset));
    }

    [Fact]
    public async Task Run_ThenRedrive_SendsWhatWasNotGivenUp()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(6);
        bench.Operation(DeadLetterStatus.Purged).Run(new DeadLetterFilter { Partition = 1 }, ct: Token);

        Assert.Equal(4, bench.Operation().Run(new DeadLetterFilter(), ct: Token).Done);
        Assert.Equal(["0@0", "0@1", "2@0", "2@1"], await bench.SentAsync(4));
    }

    [Fact]
    public async Task Run_WhileARedriveStands_FencesIt()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(6);
        var purged = -1;
        void Purge(DeadLetterStep step)
        {
            if (step == DeadLetterStep.Delivered && purged < 0)
            {
                purged = bench.Operation(DeadLetterStatus.Purged).Run(new DeadLetterFilter(), ct: Token).Done;
            }
        }

        Assert.Throws<DeadLetterException>(() => bench.Operation(onStep: Purge).Run(new DeadLetterFilter(), ct: Token));

        Assert.Equal(6, purged);
        Assert.Empty(await bench.SentAsync(0));
    }

    [Fact]
    public async Task Run_LetterThatWasCut_CanBeGivenUp()
    {
        await using var bench = await LetterBench.StartAsync();
        var noise = new byte[1_500_000];
        new Random(1).NextBytes(noise);
        await bench.LetterAsync(0, 1, value: noise);

        Assert.Equal(1, bench.Operation(DeadLetterStatus.Purged).Run(new DeadLetterFilter(), ct: Token).Done);
    }

    [Fact]
    public async Task Index_RecordOfAnotherFormat_IsCountedAndLeftAlone()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.LetterAsync(0, 1);
        await bench.ForeignAsync();

        var index = bench.Index();

        Assert.Single(index.Entries);
        Assert.Equal(1, index.Foreign);
    }

    [Fact]
    public async Task Letter_OfARecordThatPosesAsAMarker_IsALetter()
    {
        await using var bench = await LetterBench.StartAsync();
        var marker = new DeadLetterMarker(DeadLetterMarker.Purged, "live", new RecordOrigin("t", 0, 1), LetterBench.Published, LetterBench.Published);
        await bench.LetterAsync(0, 1, headers: [.. marker.ToHeaders().Select(header => new Confluent.Kafka.Header(header.Key, header.Value))]);

        Assert.Equal(DeadLetterStatus.Pending, Assert.Single(bench.Index().Entries).Status);
    }
}
