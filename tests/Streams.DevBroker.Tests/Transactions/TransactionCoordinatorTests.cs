using Streams.DevBroker.Protocol;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Tests.Transactions;

public sealed class TransactionCoordinatorTests : IDisposable
{
    private const string Id = "tx";
    private readonly CoordinatorHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Timer_TransactionOpenForLonger_IsAbortedUnderANewEpoch()
    {
        var producer = Begin(timeoutMs: 5000);
        _harness.Append(Id, producer, 0, 0);
        _harness.Time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(TransactionState.Ongoing, State);

        _harness.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(TransactionState.CompleteAbort, State);
        Assert.Equal(2, _harness.Logs[0].LastStableOffset);
        Assert.Equal(ErrorCode.ProducerFenced, End(producer, commit: true));
        Assert.Equal((short)2, _harness.Init(Id).ProducerEpoch);
    }

    [Fact]
    public void Timer_TransactionsOfSeveralProducers_EachAtItsTime()
    {
        for (int i = 1; i <= 3; i++)
        {
            var producer = _harness.Init($"tx-{i}", i * 1000);
            _harness.Coordinator.AddPartitions($"tx-{i}", producer.ProducerId, 0, [CoordinatorHarness.Partition(0)]);
        }

        for (int second = 1; second <= 3; second++)
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(second, _harness.Coordinator.All.Count(metadata => metadata.State == TransactionState.CompleteAbort));
        }
    }

    [Fact]
    public void Timer_WallClockJumps_ChangesNothingWithinARun()
    {
        Begin(timeoutMs: 60_000);

        _harness.Time.AdjustTime(_harness.Time.GetUtcNow().AddHours(1));
        _harness.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(TransactionState.Ongoing, State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restart_WithAnOpenTransaction_ItGoesOnAndItsTimeRunsOn(bool clean)
    {
        var producer = Begin(timeoutMs: 5000);
        _harness.Append(Id, producer, 0, 0);
        _harness.Time.Advance(TimeSpan.FromSeconds(3));
        _harness.Restart(clean);
        Assert.Equal(0, _harness.Logs[0].LastStableOffset);
        Assert.Equal(ErrorCode.None, _harness.Append(Id, producer, 0, 1).Error);

        _harness.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TransactionState.CompleteAbort, State);
        Assert.Equal(3, _harness.Logs[0].LastStableOffset);
    }

    [Theory]
    [InlineData(TransactionState.PrepareCommit)]
    [InlineData(TransactionState.PrepareAbort)]
    public void Restart_KilledBetweenDecisionAndMarkers_IsCompleted(object decision)
    {
        var producer = Begin(partitions: 2);
        _harness.Append(Id, producer, 0, 0);
        _harness.Append(Id, producer, 1, 0);
        CommitOffset(producer, 7);

        _harness.Restart(clean: false, store => store.Save(store.All.Single() with { State = (TransactionState)decision }));

        bool commit = (TransactionState)decision == TransactionState.PrepareCommit;
        Assert.Equal(commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort, State);
        Assert.All(_harness.Logs, log => Assert.Equal(commit ? [0L] : [], CommittedReader.Read(log, 0, 1000).Offsets));
        Assert.Equal(commit, _harness.Offsets.TryGet("g", CoordinatorHarness.Partition(0), out _));
        Assert.Empty(_harness.Offsets.Pending);
        Assert.Equal(ErrorCode.None, End(producer, commit));
    }

    [Fact]
    public void Restart_KilledBetweenMarkersAndTheJournal_WritesNoSecondMarker()
    {
        var producer = Begin(partitions: 2);
        _harness.Append(Id, producer, 0, 0);
        _harness.Append(Id, producer, 1, 0);
        TransactionMetadata decided = _harness.Coordinator.Find(Id)! with { State = TransactionState.PrepareCommit };
        End(producer, commit: true);

        _harness.Restart(clean: false, store => store.Save(decided));

        Assert.Equal(TransactionState.CompleteCommit, State);
        Assert.All(_harness.Logs, log => Assert.Equal((2L, 2L), (log.HighWatermark, log.LastStableOffset)));
    }

    [Fact]
    public void Restart_JournalLostTheTransaction_OrphanIsAborted()
    {
        var producer = Begin();
        _harness.Append(Id, producer, 0, 0);
        CommitOffset(producer, 7);

        _harness.Restart(clean: false, store => store.Save(store.All.Single() with { State = TransactionState.Dead }));

        Assert.Equal(2, _harness.Logs[0].LastStableOffset);
        Assert.Empty(CommittedReader.Read(_harness.Logs[0], 0, 1000).Offsets);
        Assert.Empty(_harness.Offsets.Pending);
    }

    [Fact]
    public void End_DiskTakesNoMarkers_OthersWaitAndItIsCompletedLater()
    {
        var producer = Begin();
        _harness.Append(Id, producer, 0, 0);
        _harness.DiskIsFull = true;

        Assert.Equal(ErrorCode.ConcurrentTransactions, End(producer, commit: true));
        Assert.Equal(ErrorCode.ConcurrentTransactions, _harness.Init(Id).Error);
        Assert.Equal(ErrorCode.ConcurrentTransactions, _harness.Coordinator.AddPartitions(Id, producer.ProducerId, producer.ProducerEpoch, [CoordinatorHarness.Partition(0)]));
        Assert.Equal(ErrorCode.InvalidTxnState, End(producer, commit: false));
        Assert.Equal(ErrorCode.InvalidTxnState, _harness.Append(Id, producer, 0, 1).Error);

        _harness.DiskIsFull = false;
        _harness.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TransactionState.CompleteCommit, State);
        Assert.Equal([0L], CommittedReader.Read(_harness.Logs[0], 0, 1000).Offsets);
        Assert.Equal(2, _harness.Logs[0].HighWatermark);
    }

    [Fact]
    public void Init_EpochsUsedUp_GivesANewProducerId()
    {
        var first = _harness.Init(Id);
        for (int epoch = 1; epoch < short.MaxValue; epoch++)
            Assert.Equal((first.ProducerId, (short)epoch), Identity(_harness.Init(Id)));

        var last = new InitResult(ErrorCode.None, first.ProducerId, short.MaxValue - 1);
        var next = _harness.Coordinator.Init(Id, 1000, last.ProducerId, last.ProducerEpoch);

        Assert.NotEqual(first.ProducerId, next.ProducerId);
        Assert.Equal(0, next.ProducerEpoch);
        // The answer got lost: the producer still names its old id.
        Assert.Equal(next, _harness.Coordinator.Init(Id, 1000, last.ProducerId, last.ProducerEpoch));
    }

    [Fact]
    public void RemoveExpired_IdleId_IsForgottenAlsoOverARestart()
    {
        var idle = _harness.Init("idle");
        var open = Begin(timeoutMs: 900_000);
        _harness.Time.AdjustTime(_harness.Time.GetUtcNow().AddDays(8));
        _harness.Coordinator.RemoveExpired();
        Assert.Equal([Id], _harness.Coordinator.All.Select(metadata => metadata.TransactionalId));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, _harness.Coordinator.End("idle", idle.ProducerId, idle.ProducerEpoch, commit: true));

        _harness.Restart(clean: true);

        Assert.Null(_harness.Coordinator.Find("idle"));
        Assert.NotEqual(idle.ProducerId, _harness.Init("idle").ProducerId);
        Assert.Equal(open.ProducerId, _harness.Coordinator.Find(Id)!.ProducerId);
    }

    [Fact]
    public void End_ManyTimes_JournalStaysSmallAndIdsComplete()
    {
        var producer = _harness.Init(Id);
        for (int i = 0; i < 10_000; i++)
        {
            _harness.Coordinator.AddPartitions(Id, producer.ProducerId, producer.ProducerEpoch, [CoordinatorHarness.Partition(0)]);
            Assert.Equal(ErrorCode.None, End(producer, commit: i % 2 == 0));
        }

        Assert.InRange(_harness.JournalBytes, 1, 1_100_000);
        _harness.Restart(clean: false);
        Assert.Equal(Identity(producer), (_harness.Coordinator.Find(Id)!.ProducerId, _harness.Coordinator.Find(Id)!.ProducerEpoch));
    }

    private TransactionState State => _harness.Coordinator.Find(Id)!.State;

    private static (long, short) Identity(InitResult result) => (result.ProducerId, result.ProducerEpoch);

    private ErrorCode End(InitResult producer, bool commit) => _harness.Coordinator.End(Id, producer.ProducerId, producer.ProducerEpoch, commit);

    private InitResult Begin(int timeoutMs = 60_000, int partitions = 1)
    {
        var producer = _harness.Init(Id, timeoutMs);
        var added = Enumerable.Range(0, partitions).Select(CoordinatorHarness.Partition).ToList();
        Assert.Equal(ErrorCode.None, _harness.Coordinator.AddPartitions(Id, producer.ProducerId, producer.ProducerEpoch, added));
        return producer;
    }

    private void CommitOffset(InitResult producer, long offset)
    {
        _harness.Coordinator.AddGroup(Id, producer.ProducerId, producer.ProducerEpoch, "g");
        Assert.Equal(ErrorCode.None, _harness.Coordinator.CommitOffsets(Id, producer.ProducerId, producer.ProducerEpoch, "g", () =>
        {
            _harness.Offsets.CommitPending("g", producer.ProducerId, [new(CoordinatorHarness.Partition(0), new(offset, -1, string.Empty, 1))]);
            return ErrorCode.None;
        }));
    }
}
