using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streams.Ingest.Pump;
using Streams.Ingest.Tests.Fakes;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.Ingest.Tests.Pump;

/// <summary>A partition whose keys share calls.</summary>
public sealed class SharedRunnerTests : IDisposable
{
    private static readonly PartitionId Id = new("live", "t", 0);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly IReadOnlyList<Rejection> None = [];

    private readonly FakeSink _sink = new() { Shares = true };
    private readonly FakeCursors _cursors = new();
    private readonly FakeResults _results = new();
    private readonly FakeDeadLetters _letters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly PumpOptions _options = new() { Linger = TimeSpan.Zero, MaxAttempts = 2 };
    private WorkServices? _services;

    public void Dispose() => _services?.Dispose();

    [Fact]
    public async Task Accept_ManyKeys_ComeInFewCallsEachKeyInOrderAndOnce()
    {
        const int Records = 10_000;
        const int Keys = 700;
        var gate = new TaskCompletionSource();
        _sink.OnApply = async (_, _, _) => { await gate.Task; return None; };
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, Records).Select(offset => ($"key{offset % Keys}", "v")));
        gate.SetResult();
        await DoneAsync(work);

        AssertEachInOrderAndOnce(Records);
        // What was there when the first call began, and then full batches.
        Assert.InRange(_sink.SharedCalls.Count, 3, 2 + (Records / _options.MaxSharedBatchRecords));
        Assert.All(_sink.SharedCalls, keys => Assert.Equal(keys.Distinct(), keys));
        Assert.Equal(Records, await _cursors.ReadAsync(Id, CancellationToken.None));
        Assert.Equal((0, Records), (_services!.Budget.Used, _services.Counters.Applied));
    }

    [Fact]
    public async Task Accept_MoreThanABatch_IsTakenInBatches()
    {
        _options.MaxSharedBatchRecords = 10;
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 100).Select(offset => ($"key{offset % 3}", "v")));
        await DoneAsync(work);

        AssertEachInOrderAndOnce(100);
        Assert.All(_sink.Calls, call => Assert.InRange(call.Records.Count, 1, 10));
    }

    [Fact]
    public async Task Key_WhoseCallFailsForAWhile_HoldsUpNobodyAndKeepsItsOrder()
    {
        var mended = new TaskCompletionSource();
        _sink.OnApply = (key, _, _) => key == "sick" && !mended.Task.IsCompleted ? throw new TimeoutException("not now") : Task.FromResult(None);
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 300).Select(offset => (offset % 3 == 0 ? "sick" : $"key{offset % 3}", "v")));
        await UntilAsync(() => _sink.Applied.Count(applied => applied.Key != "sick") == 200);
        Assert.Equal(0, work.Watermark);

        // More of it comes while it is sick.
        Accept(work, Enumerable.Range(0, 30).Select(_ => ("sick", "v")), from: 300);
        mended.SetResult();
        await AdvanceUntilAsync(() => work.Outstanding == 0);
        await DoneAsync(work);

        AssertEachInOrderAndOnce(330);
        Assert.Equal(0, _services!.Budget.Used);
    }

    [Fact]
    public async Task Record_OnWhichTheProcessorFails_BecomesADeadLetterAndTheOthersAreApplied()
    {
        _sink.OnApply = (_, records, _) => records.Any(record => Text(record) == "poison")
            ? throw new ProcessingFailedException("InvalidOperationException", "it is poison")
            : Task.FromResult(None);
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 60).Select(offset => ($"key{offset % 3}", offset is 10 or 31 ? "poison" : "v")));
        await AdvanceUntilAsync(() => work.Outstanding == 0);
        await DoneAsync(work);

        Assert.Equal([10L, 31L], _letters.Letters.Select(letter => letter.Offset).Order());
        AssertEachInOrderAndOnce(60, 10, 31);
    }

    [Fact]
    public async Task Record_ThatIsRefused_BecomesOneDeadLetterAndItsNeighboursResultsArePublished()
    {
        // As a grain does, which answers again what it has answered.
        _sink.OnApply = (_, records, _) => Task.FromResult<IReadOnlyList<Rejection>>(
            [.. records.Where(record => Text(record) == "refused").Select(record => new Rejection(0, record.Offset, "it is refused"))]);
        _sink.Results = (key, records) => [.. records.Where(record => Text(record) != "refused").Select(record => Result(key, record))];
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 50).Select(offset => ($"key{offset % 5}", offset == 21 ? "refused" : "v")));
        await AdvanceUntilAsync(() => work.Outstanding == 0);
        await DoneAsync(work);

        Assert.Equal([21L], _letters.Letters.Select(letter => letter.Offset));
        Assert.Equal(Enumerable.Range(0, 50).Where(offset => offset != 21).Select(offset => $"{offset}"), _results.Published.Select(result => result.Id).Distinct().OrderBy(int.Parse));
    }

    [Fact]
    public async Task Results_OfManyKeys_ArePublishedInTheOrderOfTheRecords()
    {
        _sink.Results = (key, records) => [.. records.Select(record => Result(key, record))];
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 2_000).Select(offset => ($"key{offset % 37}", "v")));
        await DoneAsync(work);

        Assert.Equal(Enumerable.Range(0, 2_000).Select(offset => $"{offset}"), _results.Published.Select(result => result.Id));
    }

    [Fact]
    public async Task Record_ThatCannotBeDecoded_BecomesADeadLetterAndItsKeyGoesOnInOrder()
    {
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 50).Select(offset => ($"key{offset % 5}", offset == 21 ? "" : "v")));
        await DoneAsync(work);

        Assert.Equal([21L], _letters.Letters.Select(letter => letter.Offset));
        AssertEachInOrderAndOnce(50, 21);
    }

    [Fact]
    public async Task Key_ThatIsNoText_BecomesADeadLetter()
    {
        var work = await StartAsync();
        work.Accept(Records.Plain(0, "good"));
        work.Accept(Records.Raw(1, [0xff, 0xfe], "v"u8.ToArray(), []));
        work.Accept(Records.Raw(2, null, "v"u8.ToArray(), []));
        work.Accept(Records.Plain(3, "good"));
        await DoneAsync(work);

        Assert.Equal([1L, 2L], _letters.Letters.Select(letter => letter.Offset).Order());
        AssertEachInOrderAndOnce(4, 1, 2);
    }

    [Fact]
    public async Task Call_UnderAnEpochThatIsOver_StopsThePartition()
    {
        _sink.OnApply = (_, _, _) => throw new StaleEpochException("another owner");
        var work = await StartAsync();
        Accept(work, [("a", "v"), ("b", "v")]);

        Assert.IsType<StaleEpochException>(await work.Halted.WaitAsync(Patience, TestContext.Current.CancellationToken));
        // Nothing has been written.
        Assert.Equal(-1, await _cursors.ReadAsync(Id, CancellationToken.None));
    }

    [Fact]
    public async Task Stop_DuringACall_WritesOnlyWhatIsDone()
    {
        var gate = new TaskCompletionSource();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _options.MaxSharedBatchRecords = 10;
        _sink.OnApply = async (_, records, ct) =>
        {
            if (records[0].Offset >= 10)
            {
                entered.TrySetResult();
                await gate.Task.WaitAsync(ct);
            }

            return None;
        };
        var work = await StartAsync();
        Accept(work, Enumerable.Range(0, 10).Select(_ => ("a", "v")));
        await UntilAsync(() => work.Outstanding == 0);
        Accept(work, Enumerable.Range(0, 10).Select(_ => ("a", "v")), from: 10);
        await entered.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        var stop = work.StopAsync(TimeSpan.FromSeconds(5));
        await AdvanceUntilAsync(() => stop.IsCompleted);

        Assert.Equal(10, await _cursors.ReadAsync(Id, CancellationToken.None));
        // The lane ends by itself once its call is given up.
        await UntilAsync(() => _services!.Budget.Used == 0);
    }

    private static string Text(InputRecord record) => Encoding.UTF8.GetString(record.Payload.Span);

    private static ResultMessage Result(string key, InputRecord record) => new(
        $"{record.Offset}", "live", "label.modes", key, record.EventTime, "streams.label.mode.v1", [], record.Offset, record.Published);

    private static void Accept(PartitionWork work, IEnumerable<(string Key, string Value)> records, long from = 0)
    {
        foreach (var (key, value) in records)
        {
            Assert.True(work.Accept(Records.Plain(from++, key, value)));
        }
    }

    /// <summary>Those of <paramref name="count"/> offsets that are not <paramref name="refused"/>.</summary>
    private void AssertEachInOrderAndOnce(int count, params long[] refused)
    {
        Assert.Equal(
            Enumerable.Range(0, count).Select(offset => (long)offset).Except(refused),
            _sink.Applied.Select(applied => applied.Record.Offset).Order());
        foreach (var key in _sink.Applied.GroupBy(applied => applied.Key))
        {
            var offsets = key.Select(applied => applied.Record.Offset).ToList();
            Assert.Equal(offsets.Order(), offsets);
        }
    }

    private async Task<PartitionWork> StartAsync()
    {
        _services = new WorkServices(
            new PlainDecoder("t"), _sink, _cursors, _results, _letters, _options, _time, NullLogger.Instance, new PumpCounters("live", "t"));
        return new PartitionWork(_services, Id, await _cursors.AcquireAsync(Id, CancellationToken.None), 0);
    }

    private static async Task DoneAsync(PartitionWork work)
    {
        await UntilAsync(() => work.Outstanding == 0);
        await work.StopAsync(TimeSpan.FromSeconds(5)).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Lets fake time pass.</summary>
    private Task AdvanceUntilAsync(Func<bool> condition) => UntilAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return condition();
    });
}
