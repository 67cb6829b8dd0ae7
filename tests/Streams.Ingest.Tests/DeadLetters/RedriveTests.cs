using System.Text;
using Confluent.Kafka;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;
using Names = Streams.Schemas.Envelope.Headers;

namespace Streams.Ingest.Tests.DeadLetters;

public sealed class RedriveTests
{
    private static readonly DeadLetterFilter All = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_Letters_ArriveAsTheyWereInTheirPartitionAndInOrder()
    {
        await using var bench = await LetterBench.StartAsync();
        // Written in another order than they lay: two keys of one partition run side by side in the pump.
        await bench.LetterAsync(1, 8, "b");
        await bench.LetterAsync(1, 5, "a", headers: [new Header("ce_id", "5"u8.ToArray()), new Header("dlt-status", "purged"u8.ToArray()), new Header("empty", null)]);
        await bench.LetterAsync(0, 7, "a");
        await bench.LetterAsync(1, 6, "b");

        var outcome = bench.Operation().Run(All, ct: Token);

        Assert.Equal(4, outcome.Done);
        Assert.Empty(outcome.Refused);
        var sent = await bench.ReadAsync(bench.Topic.Source, 4);
        Assert.Equal(["0@7", "1@5", "1@6", "1@8"], sent.Select(record => Encoding.UTF8.GetString(record.Message.Value!)));
        Assert.Equal([0, 1, 1, 1], sent.Select(record => record.Partition.Value));
        Assert.Equal("a", Encoding.UTF8.GetString(sent[1].Message.Key!));
        Assert.Equal(["ce_id", "empty", Names.RedrivenFrom], sent[1].Message.Headers.Select(header => header.Key));
        Assert.Equal($"{bench.Topic.Source}/1/5", Encoding.UTF8.GetString(sent[1].Message.Headers[2].GetValueBytes()));
        Assert.Equal(LetterBench.Published.AddSeconds(5), new DateTimeOffset(sent[1].Message.Timestamp.UtcDateTime));
    }

    [Fact]
    public async Task Run_RecordWithoutAValue_ArrivesWithoutOne()
    {
        await using var bench = await LetterBench.StartAsync();
        var publisher = bench.Operation();
        await bench.LetterAsync(0, 1, value: []);

        publisher.Run(All, ct: Token);

        Assert.Empty((await bench.ReadAsync(bench.Topic.Source, 1))[0].Message.Value ?? []);
    }

    [Fact]
    public async Task Run_Twice_SendsNothingTheSecondTime()
    {
        await using var bench = await LetterBench.StartAsync();
        var letters = await bench.FillAsync(7);
        // A crash of the pump repeats letters, before they are done and afterwards.
        await bench.LetterAsync(0, 0);

        Assert.Equal(7, bench.Operation().Run(All, ct: Token).Done);
        await bench.LetterAsync(0, 1);
        Assert.Equal(0, bench.Operation().Run(All, ct: Token).Done);

        Assert.Equal(letters, await bench.SentAsync(7));
        var index = bench.Index();
        Assert.Equal(7, index.Entries.Count);
        Assert.All(index.Entries, letter => Assert.Equal(DeadLetterStatus.Redriven, letter.Status));
        Assert.Equal([2, 2, 1, 1, 1, 1, 1], index.Entries.Select(letter => letter.Copies));
    }

    [Fact]
    public async Task Run_CutOffAtEveryStepAndRunAgain_SendsEachOnceInOrder()
    {
        await using var bench = await LetterBench.StartAsync();
        var steps = new HashSet<DeadLetterStep>();
        var cut = 0;
        while (true)
        {
            await bench.RenewAsync();
            var letters = await bench.FillAsync(5);
            cut++;
            var reached = 0;
            var last = default(DeadLetterStep);
            void Step(DeadLetterStep step)
            {
                // From there on nothing happens any more, the abort included: as after kill -9.
                if (++reached >= cut)
                {
                    last = step;
                    throw new CutOffException();
                }
            }

            try
            {
                bench.Operation(onStep: Step).Run(All, ct: Token);
                break;
            }
            catch (CutOffException)
            {
                steps.Add(last);
            }

            bench.Operation().Run(All, ct: Token);
            Assert.Equal(letters, await bench.SentAsync(5));
            Assert.Equal(5, (await bench.ReadAsync(bench.Topic.Name, 10)).Count(record => DeadLetterMarker.FromHeaders(RecordHeaders.Find(record.Message.Headers)) is not null));
        }

        // Fenced, indexed; two transactions of 3 and 2 letters with a record and a marker each, begun, delivered, committed.
        Assert.Equal(2 + 6 + 4 + (2 * 3) + 1, cut);
        Assert.Contains(DeadLetterStep.Aborting, steps);
    }

    [Theory]
    [InlineData(nameof(DeadLetterStep.Indexed))]
    [InlineData(nameof(DeadLetterStep.Begun))]
    [InlineData(nameof(DeadLetterStep.Produced))]
    [InlineData(nameof(DeadLetterStep.Delivered))]
    [InlineData(nameof(DeadLetterStep.Committed))]
    public async Task Run_OvertakenByAnother_EndsWithAClearErrorAndEachIsSentOnce(string at)
    {
        await using var bench = await LetterBench.StartAsync();
        var letters = await bench.FillAsync(7);
        var others = -1;
        void Overtake(DeadLetterStep step)
        {
            if (step.ToString() == at && others < 0)
            {
                others = bench.Operation().Run(All, ct: Token).Done;
            }
        }

        var error = Assert.Throws<DeadLetterException>(() => bench.Operation(onStep: Overtake).Run(All, ct: Token));

        Assert.Contains("another redrive or purge", error.Message, StringComparison.Ordinal);
        Assert.Equal(at == nameof(DeadLetterStep.Committed) ? 4 : 7, others);
        Assert.Equal(letters, await bench.SentAsync(7));
    }

    [Fact]
    public async Task Run_ByManyAtOnce_SendsEachOnceInOrder()
    {
        await using var bench = await LetterBench.StartAsync();
        var letters = await bench.FillAsync(60);
        using var start = new Barrier(4);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Token);
                try
                {
                    bench.Operation().Run(All, ct: Token);
                }
                catch (DeadLetterException e) when (e.Message.Contains("another redrive", StringComparison.Ordinal))
                {
                    // Whoever starts last does the rest.
                }
            },
            TaskCreationOptions.LongRunning)));

        bench.Operation().Run(All, ct: Token);
        var sent = await bench.SentAsync(60);
        Assert.Equal(letters.OrderBy(Origin), sent);

        static (int, int) Origin(string value) => (int.Parse(value.Split('@')[0]), int.Parse(value.Split('@')[1]));
    }

    [Fact]
    public async Task Run_CommitWithoutAnAnswer_ReadsWhatIsCommittedAndGoesOn()
    {
        await using var bench = await LetterBench.StartAsync();
        var letters = await bench.FillAsync(7);
        var lost = 0;
        var progress = new List<DeadLetterProgress>();
        void LoseAnswers(DeadLetterStep step)
        {
            if (step is DeadLetterStep.Committed or DeadLetterStep.Delivered && lost++ is 1 or 2)
            {
                throw new TransactionOutcomeException(new Error(ErrorCode.Local_TimedOut));
            }
        }

        var outcome = bench.Operation(onStep: LoseAnswers).Run(All, progress: progress.Add, ct: Token);

        Assert.Equal(7, outcome.Done);
        Assert.Equal(letters, await bench.SentAsync(7));
        Assert.Equal(7, progress[^1].Done);
        Assert.Equal(progress.Select(each => each.Done).Order(), progress.Select(each => each.Done));
    }

    [Fact]
    public async Task Run_NoAnswerEver_EndsAfterAFewAttempts()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(1);

        var error = Assert.Throws<DeadLetterException>(() => bench.Operation(onStep: step =>
        {
            if (step == DeadLetterStep.Delivered)
            {
                throw new TransactionOutcomeException(new Error(ErrorCode.Local_TimedOut));
            }
        }).Run(All, ct: Token));

        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
        Assert.Empty(await bench.SentAsync(0));
    }

    [Fact]
    public async Task Run_BrokerKilledBeforeTheCommit_SendsEachOnce()
    {
        await using var bench = await LetterBench.StartAsync();
        Assert.SkipUnless(bench.Broker.IsInProcess, "the broker that STREAMS_KAFKA names cannot be killed");
        var letters = await bench.FillAsync(4);
        var killed = false;
        void Kill(DeadLetterStep step)
        {
            if (step == DeadLetterStep.Delivered && !killed)
            {
                killed = true;
                bench.Broker.RestartAsync(killed: true).GetAwaiter().GetResult();
            }
        }

        bench.Operation(onStep: Kill).Run(All, ct: Token);

        Assert.True(killed);
        Assert.Equal(letters, await bench.SentAsync(4));
    }

    [Fact]
    public async Task Run_Cancelled_AbortsAndLeavesTheRestPending()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(7);
        using var stop = new CancellationTokenSource();
        var commits = 0;
        void StopInTheSecond(DeadLetterStep step)
        {
            commits += step == DeadLetterStep.Committed ? 1 : 0;
            if (step == DeadLetterStep.Produced && commits == 1)
            {
                stop.Cancel();
            }
        }

        Assert.Throws<OperationCanceledException>(() => bench.Operation(onStep: StopInTheSecond).Run(All, ct: stop.Token));

        Assert.Equal(3, (await bench.SentAsync(3)).Count);
        Assert.Equal(4, bench.Index(new DeadLetterFilter { Status = DeadLetterStatus.Pending }).Entries.Count);
    }

    [Fact]
    public async Task Run_FilterAndLimit_TakeTheOldestOfThoseMeant()
    {
        await using var bench = await LetterBench.StartAsync();
        for (var n = 0; n < 6; n++)
        {
            await bench.LetterAsync(0, n, n % 2 == 0 ? "even" : "odd");
        }

        Assert.Equal(2, bench.Operation().Run(new DeadLetterFilter { Key = "odd" }, limit: 2, ct: Token).Done);

        Assert.Equal(["0@1", "0@3"], await bench.SentAsync(2));
        Assert.Equal([0, 2, 4, 5], bench.Index(new DeadLetterFilter { Status = DeadLetterStatus.Pending }).Entries.Select(letter => letter.Letter.Offset));
    }

    [Fact]
    public async Task Run_LetterThatWasCut_IsRefusedAndStaysPending()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.LetterAsync(0, 1, value: Noise(2_000_000));
        await bench.LetterAsync(0, 2);

        var outcome = bench.Operation().Run(All, ct: Token);

        Assert.Equal(1, outcome.Done);
        var refused = Assert.Single(outcome.Refused);
        Assert.Equal(1, refused.Letter.Letter.Offset);
        Assert.Contains("2000000 bytes", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(["0@2"], await bench.SentAsync(1));
        Assert.Equal(DeadLetterStatus.Pending, bench.Index().Entries[0].Status);
    }

    [Fact]
    public async Task Run_RecordLargerThanTheSourceTakes_IsRefusedAloneAndTheOthersGo()
    {
        await using var bench = await LetterBench.StartAsync(sourceMaxBytes: 50_000);
        await bench.LetterAsync(0, 1);
        await bench.LetterAsync(0, 2, value: Noise(100_000));
        await bench.LetterAsync(0, 3);

        var outcome = bench.Operation().Run(All, ct: Token);

        Assert.Equal(2, outcome.Done);
        Assert.Contains("max.message.bytes", Assert.Single(outcome.Refused).Reason, StringComparison.Ordinal);
        Assert.Equal(["0@1", "0@3"], await bench.SentAsync(2));
    }

    [Fact]
    public async Task Run_PartitionOrTopicThatIsGone_IsRefused()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.LetterAsync(LetterBench.Partitions, 1);

        Assert.Contains("no partition 3", Assert.Single(bench.Operation().Run(All, ct: Token).Refused).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RecordThatFailsAgain_KeepsItsFirstOrigin()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.LetterAsync(0, 17);
        bench.Operation().Run(All, ct: Token);
        var again = (await bench.ReadAsync(bench.Topic.Source, 1))[0];
        await bench.LetterAsync(0, again.Offset.Value, headers: [.. again.Message.Headers.Select(header => new Header(header.Key, header.GetValueBytes()))]);
        Assert.Equal(1, bench.Operation().Run(All, ct: Token).Done);

        var second = Assert.Single(bench.Index().Entries, letter => letter.Letter.Offset == again.Offset.Value);
        Assert.Equal(new RecordOrigin(bench.Topic.Source, 0, 17), second.Letter.FirstOrigin);
        Assert.NotNull(second.Letter.Time);
        var sent = await bench.ReadAsync(bench.Topic.Source, 2);
        Assert.Equal(
            [$"{bench.Topic.Source}/0/17", $"{bench.Topic.Source}/0/{again.Offset.Value}"],
            sent[1].Message.Headers.Where(header => header.Key == Names.RedrivenFrom).Select(header => Encoding.UTF8.GetString(header.GetValueBytes())));
    }

    [Fact]
    public async Task Plan_Letters_SaysWhatRunWouldDoAndDoesNothing()
    {
        await using var bench = await LetterBench.StartAsync();
        await bench.FillAsync(4);

        var plan = bench.Operation().Plan(new DeadLetterFilter { Partition = 0 }, ct: Token);

        Assert.Equal([0, 1], plan.Letters.Select(letter => letter.Letter.Offset));
        Assert.Equal(6, plan.Bytes);
        Assert.Empty(await bench.SentAsync(0));
        Assert.All(bench.Index().Entries, letter => Assert.Equal(DeadLetterStatus.Pending, letter.Status));
    }

    [Fact]
    public void Operation_LettersOfAReplay_AreRefusedWithTheWayOut()
    {
        var error = Assert.Throws<DeadLetterException>(() => new DeadLetterOperation(
            new KafkaOptions(), new DeadLetterTopic("label.samples", "check"), DeadLetterStatus.Redriven, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));

        Assert.Contains("streams replay --topic label.samples", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_NoSuchTopic_SaysSo()
    {
        await using var bench = await LetterBench.StartAsync();
        var operation = new DeadLetterOperation(
            bench.Kafka, new DeadLetterTopic("no.such"), DeadLetterStatus.Purged, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        Assert.Contains("no.such.dlt", Assert.Throws<DeadLetterException>(() => operation.Plan(All, ct: Token)).Message, StringComparison.Ordinal);
    }

    // Compression would make the broker see a small batch.
    private static byte[] Noise(int bytes)
    {
        var noise = new byte[bytes];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private sealed class CutOffException : Exception;
}
