using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streams.Ingest.Pump;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Tests.Pump;

public sealed class PartitionWorkTests : IDisposable
{
    private static readonly PartitionId Id = new("live", "t", 0);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly IReadOnlyList<Rejection> None = [];

    private readonly FakeSink _sink = new();
    private readonly FakeCursors _cursors = new();
    private readonly FakeResults _results = new();
    private readonly FakeDeadLetters _letters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly PumpOptions _options = new() { Linger = TimeSpan.Zero, DrainTimeout = TimeSpan.FromSeconds(5) };
    private WorkServices? _services;

    public void Dispose() => _services?.Dispose();

    [Fact]
    public async Task Accept_ManyKeys_KeepsTheOrderOfEachKeyAndAppliesEachOnce()
    {
        var work = await StartAsync();
        for (var offset = 0; offset < 2_000; offset++)
        {
            Assert.True(work.Accept(Records.Plain(offset, $"key{offset % 7}")));
        }

        await DoneAsync(work);

        Assert.Equal(2_000, _sink.Applied.Count);
        foreach (var key in _sink.Applied.GroupBy(applied => applied.Key))
        {
            var offsets = key.Select(applied => applied.Record.Offset).ToList();
            Assert.Equal(offsets.Order(), offsets);
        }

        Assert.Equal(2_000, await _cursors.ReadAsync(Id, CancellationToken.None));
        Assert.Equal(0, _services!.Budget.Used);
        Assert.Equal(2_000, _services.Counters.Applied);
    }

    [Fact]
    public async Task Accept_ManyRecordsOfOneKey_BatchesUpToTheLimit()
    {
        _options.MaxBatchRecords = 16;
        var gate = new TaskCompletionSource();
        _sink.OnApply = async (_, _, _) => { await gate.Task; return None; };
        var work = await StartAsync();
        for (var offset = 0; offset < 100; offset++)
        {
            work.Accept(Records.Plain(offset, "k"));
        }

        gate.SetResult();
        await DoneAsync(work);

        Assert.All(_sink.Calls, call => Assert.InRange(call.Records.Count, 1, 16));
        Assert.InRange(_sink.Calls.Count, 7, 100 / 16 + 3);
    }

    [Fact]
    public async Task Accept_WhileAllSlotsAreTaken_EachKeysRecordsComeInFullBatches()
    {
        const int Keys = 10;
        const int BatchesEach = 4;
        _options.MaxLanes = 1;
        // No fake time passes: whoever lingered would wait for ever.
        _options.Linger = TimeSpan.FromSeconds(10);
        _options.MaxBatchRecords = 16;
        var (entered, gate) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        _sink.OnApply = async (_, _, _) =>
        {
            entered.TrySetResult();
            await gate.Task;
            return None;
        };
        var work = await StartAsync();
        for (var offset = 0; offset < 16; offset++)
        {
            work.Accept(Records.Plain(offset, "first"));
        }

        await entered.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        for (var i = 0; i < Keys * BatchesEach * 16; i++)
        {
            work.Accept(Records.Plain(16 + i, $"key{i % Keys}"));
        }

        gate.SetResult();
        await DoneAsync(work);

        Assert.Equal(1 + (Keys * BatchesEach), _sink.Calls.Count);
        Assert.All(_sink.Calls, call => Assert.Equal(16, call.Records.Count));
    }

    [Fact]
    public async Task Accept_OneRecord_IsAppliedAfterTheLinger()
    {
        _options.Linger = TimeSpan.FromMilliseconds(5);
        var applied = new TaskCompletionSource();
        _sink.OnApply = (_, _, _) => { applied.TrySetResult(); return Task.FromResult(None); };
        var work = await StartAsync();

        work.Accept(Records.Plain(0, "k"));
        work.Accept(Records.Plain(1, "k"));
        await AdvanceUntilAsync(applied.Task, TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, Assert.Single(_sink.Calls).Records.Count);
        await work.AbandonAsync();
    }

    [Fact]
    public async Task Accept_TwoKeys_RunInParallel()
    {
        var both = new Barrier();
        _sink.OnApply = async (_, _, _) => { await both.ArriveAsync(2); return None; };
        var work = await StartAsync();

        work.Accept(Records.Plain(0, "a"));
        work.Accept(Records.Plain(1, "b"));

        // Only passes when both calls are in progress at the same moment.
        await DoneAsync(work);
    }

    [Fact]
    public async Task Accept_MaxLanes_BoundsTheCallsInProgress()
    {
        _options.MaxLanes = 3;
        var inside = 0;
        var most = 0;
        _sink.OnApply = async (_, _, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            return None;
        };
        var work = await StartAsync();
        for (var offset = 0; offset < 200; offset++)
        {
            work.Accept(Records.Plain(offset, $"key{offset}"));
        }

        await DoneAsync(work);

        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task Apply_FailsForOneKey_OthersGoOnAndItIsRepeatedWithGrowingWaits()
    {
        var others = new CountdownEvent(50);
        var failures = 0;
        var recovered = new TaskCompletionSource();
        _sink.OnApply = (key, records, _) =>
        {
            if (key == "ill")
            {
                if (Interlocked.Increment(ref failures) <= 5)
                {
                    throw new TimeoutException("no answer");
                }

                recovered.TrySetResult();
            }
            else
            {
                others.Signal(records.Count);
            }

            return Task.FromResult(None);
        };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "ill"));
        for (var offset = 1; offset <= 50; offset++)
        {
            work.Accept(Records.Plain(offset, $"key{offset}"));
        }

        // No fake time has passed: the ill key waits for its second attempt while the others are served.
        Assert.True(others.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, work.Watermark);
        await AdvanceUntilAsync(recovered.Task, TimeSpan.FromMilliseconds(100));
        await DoneAsync(work);

        Assert.Equal(51, work.Watermark);
        Assert.Equal(5, _services!.Counters.Retried);
    }

    [Fact]
    public async Task Apply_StaleEpoch_StopsTheLanesAndWritesNothing()
    {
        _sink.OnApply = (_, _, _) => throw new StaleEpochException(Id, 1, 2);
        var work = await StartAsync();

        work.Accept(Records.Plain(0, "a"));
        var reason = await work.Halted.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await work.StopAsync(TimeSpan.FromSeconds(1));

        Assert.IsType<StaleEpochException>(reason);
        Assert.False(work.Accept(Records.Plain(1, "a")));
        Assert.Single(_sink.Calls);
        Assert.Equal(0, _cursors.Writes);
        Assert.Empty(_letters.Letters);
        Assert.Equal(0, _services!.Budget.Used);
    }

    [Fact]
    public async Task Save_AnotherOwnerTookOver_Halts()
    {
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await OutstandingIsZeroAsync(work);
        await _cursors.AcquireAsync(Id, CancellationToken.None);

        await work.SaveAsync(CancellationToken.None);

        Assert.IsType<StaleEpochException>(await work.Halted.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, _cursors.Writes);
    }

    [Fact]
    public async Task Accept_BadRecordAmongGood_IsDeadLetteredBeforeTheWatermarkPassesIt()
    {
        var safe = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        _letters.OnPublish = _ => { asked.TrySetResult(); return safe.Task; };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        work.Accept(Records.Plain(1, "b", ""));
        work.Accept(Records.Plain(2, "c"));

        await asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.InRange(work.Watermark, 0, 1);
        safe.SetResult();
        await DoneAsync(work);

        var letter = Assert.Single(_letters.Letters);
        Assert.Equal(("live", "t", 0, 1L, "RecordFormatException"), (letter.Run, letter.Topic, letter.Partition, letter.Offset, letter.ExceptionType));
        Assert.Contains("value", letter.Reason, StringComparison.Ordinal);
        Assert.Equal([0L, 2L], _sink.Applied.Select(applied => applied.Record.Offset).Order());
    }

    [Fact]
    public async Task Accept_KeyNotUtf8_IsDeadLettered()
    {
        var work = await StartAsync();
        work.Accept(Records.Raw(0, [0xC3, 0x28], "v"u8.ToArray(), []));
        work.Accept(Records.Raw(1, null, "v"u8.ToArray(), []));
        await DoneAsync(work);

        Assert.Equal(2, _letters.Letters.Count);
        Assert.Contains("UTF-8", _letters.Letters.First().Reason, StringComparison.Ordinal);
        Assert.Empty(_sink.Calls);
    }

    [Fact]
    public async Task Apply_RejectsARecord_ItIsDeadLetteredWithTheReason()
    {
        _sink.OnApply = (_, records, _) => Task.FromResult<IReadOnlyList<Rejection>>(
            [.. records.Where(record => record.Offset == 1).Select(record => new Rejection(0, 1, "no such task"))]);
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        work.Accept(Records.Plain(1, "a"));
        await DoneAsync(work);

        var letter = Assert.Single(_letters.Letters);
        Assert.Equal((1L, "Rejected", "no such task"), (letter.Offset, letter.ExceptionType, letter.Reason));
        Assert.Equal(1, _services!.Counters.Applied);
        Assert.Equal(1, _services.Counters.DeadLettered);
    }

    [Fact]
    public async Task DeadLetter_CannotBeWritten_IsRepeatedAndNotCompleted()
    {
        var attempts = 0;
        var written = new TaskCompletionSource();
        _letters.OnPublish = _ =>
        {
            if (Interlocked.Increment(ref attempts) < 3)
            {
                throw new InvalidOperationException("broker down");
            }

            written.TrySetResult();
            return Task.CompletedTask;
        };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a", ""));

        await AdvanceUntilAsync(written.Task, TimeSpan.FromMilliseconds(100));
        await DoneAsync(work);

        Assert.Equal(3, attempts);
        Assert.Equal(1, work.Watermark);
    }

    [Fact]
    public async Task Stop_CallInProgress_IsWaitedForAndTheCursorWritten()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        _sink.OnApply = async (_, _, _) => { entered.TrySetResult(); await gate.Task; return None; };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await entered.Task;
        work.Accept(Records.Plain(1, "a"));

        var stop = work.StopAsync(TimeSpan.FromSeconds(5));
        Assert.False(stop.IsCompleted);
        gate.SetResult();
        await stop.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(1, await _cursors.ReadAsync(Id, CancellationToken.None));
        Assert.Single(_sink.Calls);
        Assert.Equal(0, _services!.Budget.Used);
    }

    [Fact]
    public async Task Stop_CallThatHangs_IsGivenUpAfterThePatience()
    {
        var entered = new TaskCompletionSource();
        _sink.OnApply = async (_, _, ct) =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return None;
        };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await entered.Task;

        var stop = work.StopAsync(TimeSpan.FromSeconds(5));
        await AdvanceUntilAsync(stop, TimeSpan.FromSeconds(1));

        Assert.Equal(0, await _cursors.ReadAsync(Id, CancellationToken.None));
        Assert.Equal(0, work.Watermark);
    }

    [Fact]
    public async Task Abandon_RecordsDone_WritesNothing()
    {
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await OutstandingIsZeroAsync(work);

        await work.AbandonAsync();

        Assert.Equal(0, _cursors.Writes);
    }

    [Fact]
    public async Task Checkpoint_IntervalPasses_WritesTheCursorOnce()
    {
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await OutstandingIsZeroAsync(work);

        await AdvanceUntilAsync(_cursors.WhenAtLeast(Id, 1), _options.CheckpointInterval);
        await work.StopAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _cursors.Writes);
    }

    [Fact]
    public async Task Accept_OffsetBelowTheCursor_IsNotTaken()
    {
        _cursors.Set(Id, 10);
        var work = await StartAsync(start: 10);

        Assert.False(work.Accept(Records.Plain(9, "a")));
        Assert.True(work.Accept(Records.Plain(10, "a")));
        await DoneAsync(work);
        Assert.Single(_sink.Applied);
    }

    [Fact]
    public async Task Apply_GivesResults_TheyArePublishedBeforeTheRecordIsDone()
    {
        var asked = new TaskCompletionSource();
        var acknowledged = new TaskCompletionSource();
        _sink.Results = (key, records) => [.. records.Select(record => Result(key, record))];
        _results.OnPublish = _ => { asked.TrySetResult(); return acknowledged.Task; };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));

        await asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, work.Watermark);
        acknowledged.SetResult();
        await DoneAsync(work);

        Assert.Equal("live/t/0/0/0", Assert.Single(_results.Published).Id);
        Assert.Equal(1, work.Watermark);
    }

    [Fact]
    public async Task Publish_Fails_TheSameResultsAreTriedAgainWithoutAnotherApply()
    {
        var failures = 0;
        _sink.Results = (key, records) => [.. records.Select(record => Result(key, record))];
        var published = new TaskCompletionSource();
        _results.OnPublish = _ =>
        {
            if (Interlocked.Increment(ref failures) < 3)
            {
                throw new TimeoutException("not acknowledged");
            }

            published.TrySetResult();
            return Task.CompletedTask;
        };
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));

        await AdvanceUntilAsync(published.Task, TimeSpan.FromMilliseconds(100));
        await DoneAsync(work);

        Assert.Single(_sink.Calls);
        Assert.Single(_results.Published);
    }

    [Fact]
    public async Task Apply_OneRecordBreaksTheProcessor_ItAloneIsDeadLetteredAfterItsAttempts()
    {
        _options.MaxAttempts = 3;
        _sink.OnApply = (_, records, _) => records.Any(record => record.Offset == 2)
            ? throw new ProcessingFailedException("DivideByZeroException", "cannot divide")
            : Task.FromResult(None);
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var first = _sink.OnApply;
        _sink.OnApply = async (key, records, ct) => { entered.TrySetResult(); await gate.Task; return await first(key, records, ct); };
        var work = await StartAsync();
        for (var offset = 0; offset < 5; offset++)
        {
            work.Accept(Records.Plain(offset, "a"));
        }

        await entered.Task;
        gate.SetResult();
        await AdvanceUntilAsync(OutstandingIsZeroAsync(work), TimeSpan.FromMilliseconds(100));
        await DoneAsync(work);

        var letter = Assert.Single(_letters.Letters);
        Assert.Equal((2L, "DivideByZeroException", "cannot divide", 3), (letter.Offset, letter.ExceptionType, letter.Reason, letter.Attempts));
        Assert.Equal([0L, 1L, 3L, 4L], _sink.Applied.Select(applied => applied.Record.Offset).Order());
        Assert.Equal(5, work.Watermark);
    }

    [Fact]
    public async Task Apply_StateOfAnotherVersion_HaltsAndDeadLettersNothing()
    {
        _sink.OnApply = (_, _, _) => throw new StateFormatException("state version 9; this build reads 1 and 2");
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));

        var reason = await work.Halted.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await work.StopAsync(TimeSpan.FromSeconds(1));

        Assert.Contains("version 9", reason.Message, StringComparison.Ordinal);
        Assert.Empty(_letters.Letters);
        Assert.Equal(0, _cursors.Writes);
    }

    [Fact]
    public async Task Save_StoreWasRestarted_HaltsAndWritesNothing()
    {
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "a"));
        await OutstandingIsZeroAsync(work);
        _cursors.Restart();

        await work.SaveAsync(CancellationToken.None);

        Assert.IsType<StoreRolledBackException>(await work.Halted.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, _cursors.Writes);
    }

    [Fact]
    public async Task Checkpoint_NothingMovesAndTheStoreWasRestarted_IsNoticed()
    {
        var work = await StartAsync();
        _cursors.Restart();

        await AdvanceUntilAsync(work.Halted, _options.CheckpointInterval);

        Assert.IsType<StoreRolledBackException>(await work.Halted);
    }

    private static ResultMessage Result(string key, InputRecord record) => new(
        $"live/t/0/{record.Offset}/0", "live", "label.modes", key, record.EventTime, "plain", [1], record.Offset, default);

    private async Task<PartitionWork> StartAsync(long start = 0)
    {
        _services = new WorkServices(
            new PlainDecoder("t"), _sink, _cursors, _results, _letters, _options, _time, NullLogger.Instance, new PumpCounters("live", "t"));
        return new PartitionWork(_services, Id, await _cursors.AcquireAsync(Id, CancellationToken.None), start);
    }

    private static async Task DoneAsync(PartitionWork work)
    {
        await OutstandingIsZeroAsync(work);
        await work.StopAsync(TimeSpan.FromSeconds(5)).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static async Task OutstandingIsZeroAsync(PartitionWork work)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (work.Outstanding > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Lets fake time pass, step by step, until <paramref name="task"/> ends.</summary>
    private async Task AdvanceUntilAsync(Task task, TimeSpan step)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(step);
            await Task.Yield();
        }

        await task;
    }

    private sealed class Barrier
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public async Task ArriveAsync(int count)
        {
            if (Interlocked.Increment(ref _arrived) == count)
            {
                _all.SetResult();
            }

            await _all.Task.WaitAsync(Patience);
        }
    }
}
