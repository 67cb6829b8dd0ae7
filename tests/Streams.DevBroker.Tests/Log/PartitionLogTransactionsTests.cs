using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Tests.Log;

public sealed class PartitionLogTransactionsTests : IDisposable
{
    private const long Producer = 7;
    private readonly string _directory = Directory.CreateTempSubdirectory("partition-transactions-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));
    private PartitionLog _log;
    private int _sequence;

    public PartitionLogTransactionsTests() => _log = Open(clean: true);

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void AppendMarker_IsAControlBatchWithTheStandardKeyAndValue(bool commit, short type)
    {
        Write();
        End(commit);

        using var slice = _log.Read(1, 1000, firstBatchAnyway: true).Slice!;
        byte[] batch = new byte[slice.Length];
        slice.Read(0, batch);
        var header = RecordBatchHeader.Parse(batch);
        Assert.Equal((1L, 0x30, 1, Producer, -1), (header.BaseOffset, header.Attributes, header.RecordCount, header.ProducerId, header.BaseSequence));
        Assert.Equal(header.Crc, Crc32C.Compute(batch.AsSpan(RecordBatchHeader.CrcStart)));
        // Length 16, attributes, two deltas, key of 4: version 0 and type; value of 6: version 0 and epoch 0; no headers.
        Assert.Equal([32, 0, 0, 0, 8, 0, 0, 0, (byte)type, 12, 0, 0, 0, 0, 0, 0, 0], batch[RecordBatchHeader.Size..]);
        Assert.Equal(type, BinaryPrimitives.ReadInt16BigEndian(batch.AsSpan(RecordBatchHeader.Size + 7)));
    }

    [Fact]
    public void Read_OpenTransaction_TellsTheLastStableOffsetToBothLevels()
    {
        _log.Append(Batches.Make(3), 9);
        Write(2);
        _log.Append(Batches.Make(1), 9);

        var uncommitted = _log.Read(0, 1000, firstBatchAnyway: true);
        var committed = _log.Read(0, 1000, firstBatchAnyway: true, committedOnly: true);
        using (uncommitted.Slice)
        using (committed.Slice)
        {
            Assert.Equal((6L, 3L), (uncommitted.HighWatermark, uncommitted.LastStableOffset));
            Assert.Equal((6L, 3L), (committed.HighWatermark, committed.LastStableOffset));
            Assert.Null(uncommitted.Aborted);
            Assert.Empty(committed.Aborted!);
            Assert.True(committed.Slice!.Length < uncommitted.Slice!.Length);
        }

        // Behind what is stable there is nothing to read yet, which is no error.
        var waiting = _log.Read(5, 1000, firstBatchAnyway: true, committedOnly: true);
        Assert.Equal((ErrorCode.None, null), (waiting.Error, waiting.Slice));
    }

    [Fact]
    public void AppendMarker_WakesAReaderThatWaits()
    {
        Write();
        var waiter = new FetchWaiter();
        _log.AddWaiter(waiter);
        Assert.False(waiter.Signalled.IsCompleted);
        End(commit: true);
        Assert.True(waiter.Signalled.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_AfterRetention_StillKnowsWhatWasAborted(bool clean)
    {
        for (int i = 0; i < 40; i++)
        {
            Write(20);
            End(commit: false);
        }

        // Open at the end: readers of committed records stop before it.
        Write(20);
        _log.DeleteRecordsBefore(500);
        Reopen(clean);

        Assert.Equal(500, _log.LogStart);
        Assert.Equal(840, _log.LastStableOffset);
        using var slice = _log.Read(500, 100_000, firstBatchAnyway: true, committedOnly: true) is var read ? read.Slice : null;
        Assert.Equal(483, read.Aborted![0].FirstOffset);
        Assert.All(read.Aborted!, aborted => Assert.True(aborted.MarkerOffset >= 500));
    }

    [Fact]
    public void DeleteRecords_BehindAnOpenTransaction_MovesTheLastStableOffsetWithTheStart()
    {
        Write(5);
        _log.Append(Batches.Make(5), 9);
        _log.DeleteRecordsBefore(8);

        Assert.Equal((8L, 10L), (_log.LastStableOffset, _log.HighWatermark));
        End(commit: true);
        Assert.Equal(11, _log.LastStableOffset);
    }

    [Fact]
    public void ForgetIdleProducers_WithAnOpenTransaction_KeepsTheProducer()
    {
        Write();
        _time.Advance(TimeSpan.FromHours(1));
        _log.ForgetIdleProducers(TimeSpan.FromMinutes(1));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, _log.Append(Batches.Make(producerId: Producer, epoch: 0, sequence: 9, attributes: 0x10), 9, inTransaction: true).Error);
    }

    [Fact]
    public void Open_SnapshotOfAVersionWithoutTransactions_IsRead()
    {
        Write();
        End(commit: true);
        _log.PrepareStop();
        string snapshot = Assert.Single(Directory.GetFiles(_directory, "*.producers"));
        byte[] old = File.ReadAllBytes(snapshot)[..^12];
        old[0] = 1;
        byte[] file = new byte[old.Length + sizeof(uint)];
        old.CopyTo(file, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(old.Length), Crc32C.Compute(old));
        File.WriteAllBytes(snapshot, file);

        Reopen(clean: false);

        Assert.Equal(2, _log.LastStableOffset);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, _log.Append(Batches.Make(producerId: Producer, epoch: 0, sequence: 5), 9).Error);
    }

    private void Write(int records = 1)
    {
        byte[] batch = Batches.Make(records, producerId: Producer, epoch: 0, sequence: _sequence, attributes: 0x10);
        Assert.Equal(ErrorCode.None, _log.Append(batch, 9, inTransaction: true).Error);
        _sequence += records;
    }

    private void End(bool commit) => Assert.Equal(ErrorCode.None, _log.AppendMarker(new(Producer, 0, commit), onlyIfOpen: false));

    private void Reopen(bool clean)
    {
        if (clean)
            _log.PrepareStop();
        _log.Dispose();
        _log = Open(clean);
    }

    private PartitionLog Open(bool clean)
    {
        var settings = new Dictionary<string, string> { ["segment.bytes"] = "2048", ["retention.ms"] = "-1" };
        return PartitionLog.Open(_directory, TopicConfig.Create(settings, new DevBrokerOptions { DataDirectory = _directory }).Config!, _time, false, clean).Log;
    }
}
