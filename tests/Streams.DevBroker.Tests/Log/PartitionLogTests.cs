using Microsoft.Extensions.Time.Testing;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Tests.Log;

public sealed class PartitionLogTests : IDisposable
{
    private const short Version = 9;
    private readonly string _directory = Directory.CreateTempSubdirectory("partition-log-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));
    private readonly Dictionary<string, string> _settings = new() { ["segment.bytes"] = "4096", ["retention.ms"] = "-1" };
    private PartitionLog? _log;

    public void Dispose()
    {
        _log?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Read_AfterReopen_GivesEveryBatchInOrder()
    {
        var log = Open();
        for (int i = 0; i < 200; i++)
            Append(Batches.Make(records: 3, timestamp: i));

        log = Reopen(clean: true);

        Assert.Equal(600, log.HighWatermark);
        long offset = 0;
        while (offset < 600)
        {
            var batches = ReadBatches(offset, maxBytes: 1000);
            Assert.All(batches, batch => Assert.Equal((offset, offset / 3), (batch.BaseOffset, (offset = batch.LastOffset + 1) / 3 - 1)));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 3)]
    [InlineData(299, 297)]
    public void Read_FromInsideABatch_StartsWithThatBatch(long offset, long expectedBase)
    {
        Open();
        for (int i = 0; i < 100; i++)
            Append(Batches.Make(records: 3));

        Assert.Equal(expectedBase, ReadBatches(offset, 500)[0].BaseOffset);
    }

    [Fact]
    public void Read_OutsideTheLog_SaysSo()
    {
        var log = Open();
        Append(Batches.Make());

        Assert.Equal(ErrorCode.OffsetOutOfRange, log.Read(2, 100, true).Error);
        Assert.Equal(ErrorCode.OffsetOutOfRange, log.Read(-1, 100, true).Error);
        Assert.Null(log.Read(1, 100, true).Slice);
    }

    [Fact]
    public void Read_FirstBatchOverTheLimit_IsGivenWholeOnlyIfAsked()
    {
        var log = Open();
        Append(Batches.Make(valueSize: 2000));

        Assert.Null(log.Read(0, 100, firstBatchAnyway: false).Slice);
        using var slice = log.Read(0, 100, firstBatchAnyway: true).Slice;
        Assert.True(slice!.Length > 2000);
    }

    public static TheoryData<string, Action<FileStream>, int> Damage() => new()
    {
        { "half a batch is missing", file => file.SetLength(file.Length - 30), 9 },
        { "only a part of a header is there", file => file.Write(new byte[20]), 10 },
        { "zeros, as after a loss of power", file => file.Write(new byte[5000]), 10 },
        { "a bit of the last batch is flipped", file => Flip(file, file.Length - 3), 9 },
        { "noise at the end", file => file.Write(Enumerable.Range(0, 300).Select(i => (byte)(i * 7)).ToArray()), 10 },
        { "a bit in the middle is flipped", file => Flip(file, file.Length / 2), 5 },
        { "everything is gone", file => file.SetLength(0), 0 },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public void Open_AfterCrashWithDamagedTail_KeepsWholeBatchesAndAppendsBehindThem(string what, Action<FileStream> damage, int expectedLeft)
    {
        _settings["segment.bytes"] = "1000000";
        Open();
        for (int i = 0; i < 10; i++)
            Append(Batches.Make(valueSize: 500));
        _log!.Dispose();
        using (var file = new FileStream(Directory.GetFiles(_directory, "*.log").Single(), FileMode.Open))
        {
            file.Seek(0, SeekOrigin.End);
            damage(file);
        }

        var log = Reopen(clean: false);

        Assert.True(log.HighWatermark == expectedLeft, $"{what}: {log.HighWatermark} left");
        Assert.Equal(expectedLeft, Append(Batches.Make()).BaseOffset);
        Assert.Equal(expectedLeft + 1, Reopen(clean: false).HighWatermark);
        Assert.Equal(expectedLeft, ReadBatches(expectedLeft, 10_000)[0].BaseOffset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_IndexMissingOrGarbled_IsRebuilt(bool missing)
    {
        Open();
        for (int i = 0; i < 200; i++)
            Append(Batches.Make(valueSize: 100, timestamp: i * 10));
        _log!.Dispose();
        foreach (string index in Directory.GetFiles(_directory, "*.index"))
        {
            if (missing)
                File.Delete(index);
            else
                File.WriteAllBytes(index, [1, 2, 3, 4, 5, 6, 7]);
        }

        var log = Reopen(clean: true);

        Assert.Equal(200, log.HighWatermark);
        Assert.Equal((123, 1230), log.OffsetForTimestamp(1225));
        Assert.Equal(150, ReadBatches(150, 500)[0].BaseOffset);
    }

    [Fact]
    public void EnforceRetention_ByAge_DeletesOldSegmentsAndAtLastTheActiveOne()
    {
        _settings["retention.ms"] = "10000";
        var log = Open();
        for (int i = 0; i < 100; i++)
            Append(Batches.Make(valueSize: 200, timestamp: 1_000_000 + (i * 100)));

        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(log.EnforceRetention() > 0);
        Assert.InRange(log.LogStart, 20, 60);
        Assert.Equal(100, log.HighWatermark);

        _time.Advance(TimeSpan.FromSeconds(60));
        log.EnforceRetention();
        Assert.Equal((100, 100), (log.LogStart, log.HighWatermark));
        Assert.Equal(100, Append(Batches.Make()).BaseOffset);
        Assert.Equal(100, Reopen(clean: false).LogStart);
    }

    [Fact]
    public void EnforceRetention_ByBytes_KeepsAtLeastThatMuch()
    {
        _settings["retention.bytes"] = "8192";
        var log = Open();
        for (int i = 0; i < 100; i++)
            Append(Batches.Make(valueSize: 1000));

        Assert.True(log.EnforceRetention() > 0);

        long kept = Directory.GetFiles(_directory, "*.log").Sum(path => new FileInfo(path).Length);
        Assert.InRange(kept, 8192, 8192 + 4096 + 2000);
        Assert.Equal(0, log.EnforceRetention());
    }

    [Fact]
    public void DeleteRecordsBefore_TheEnd_EmptiesTheLogForGood()
    {
        var log = Open();
        for (int i = 0; i < 50; i++)
            Append(Batches.Make(valueSize: 300));

        Assert.Equal((ErrorCode.None, 50), log.DeleteRecordsBefore(-1));
        Assert.Equal(ErrorCode.OffsetOutOfRange, log.DeleteRecordsBefore(51).Error);

        log = Reopen(clean: false);
        Assert.Equal((50, 50), (log.LogStart, log.HighWatermark));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_RetryAfterReopen_GetsItsFirstOffset(bool clean)
    {
        Open();
        for (int i = 0; i < 60; i++)
            Assert.Equal(i, Append(Batches.Make(producerId: 7, epoch: 0, sequence: i, valueSize: 200)).BaseOffset);
        Reopen(clean);

        Assert.Equal(57, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 57, valueSize: 200)).BaseOffset);
        Assert.Equal(60, _log!.HighWatermark);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 62)).Error);
        Assert.Equal(60, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 60)).BaseOffset);
    }

    [Fact]
    public void Append_ProducerEpochs_OlderIsFencedNewerStartsAtZero()
    {
        Open();
        Append(Batches.Make(producerId: 7, epoch: 3, sequence: 0));

        Assert.Equal(ErrorCode.InvalidProducerEpoch, Append(Batches.Make(producerId: 7, epoch: 2, sequence: 1)).Error);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(Batches.Make(producerId: 7, epoch: 4, sequence: 1)).Error);
        Assert.Equal(ErrorCode.None, Append(Batches.Make(producerId: 7, epoch: 4, sequence: 0)).Error);
    }

    [Fact]
    public void Append_SequenceAtTheEndOfInt32_WrapsToZero()
    {
        Open();
        Append(Batches.Make(records: 3, producerId: 7, epoch: 0, sequence: int.MaxValue - 1));

        // Sequences MaxValue-1, MaxValue, 0 are used: 1 is next.
        Assert.Equal(ErrorCode.None, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 1)).Error);
    }

    [Fact]
    public void Append_RetryOfTheSixthLastBatch_IsOutOfOrder()
    {
        Open();
        for (int i = 0; i < 6; i++)
            Append(Batches.Make(producerId: 7, epoch: 0, sequence: i));

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 0)).Error);
        Assert.Equal(1, Append(Batches.Make(producerId: 7, epoch: 0, sequence: 1)).BaseOffset);
    }

    [Fact]
    public void OffsetForTimestamp_BatchThatIsNotTheGzipItClaims_GivesItsEnd()
    {
        const short Gzip = 1;
        Open();
        Append(Batches.Make(records: 5, timestamp: 1000, attributes: Gzip));

        Assert.Equal((4, 1004), _log!.OffsetForTimestamp(1002));
    }

    private static void Flip(FileStream file, long at)
    {
        file.Seek(at, SeekOrigin.Begin);
        int value = file.ReadByte();
        file.Seek(at, SeekOrigin.Begin);
        file.WriteByte((byte)(value ^ 0x10));
    }

    private PartitionLog Open(bool clean = true)
    {
        var config = TopicConfig.Create(_settings, new DevBrokerOptions { DataDirectory = _directory }).Config!;
        (_log, _) = PartitionLog.Open(_directory, config, _time, flushEveryWrite: false, clean);
        return _log;
    }

    private PartitionLog Reopen(bool clean)
    {
        if (clean)
            _log!.PrepareStop();
        _log!.Dispose();
        return Open(clean);
    }

    private AppendResult Append(byte[] batch) => _log!.Append(batch, Version);

    private List<RecordBatchHeader> ReadBatches(long offset, int maxBytes)
    {
        using var slice = _log!.Read(offset, maxBytes, firstBatchAnyway: true).Slice!;
        byte[] bytes = new byte[slice.Length];
        Assert.Equal(bytes.Length, slice.Read(0, bytes));
        var headers = new List<RecordBatchHeader>();
        for (int at = 0; at < bytes.Length; at += headers[^1].TotalSize)
        {
            headers.Add(RecordBatchHeader.Parse(bytes.AsSpan(at)));
            Assert.Equal(headers[^1].Crc, Crc32C.Compute(bytes.AsSpan(at + RecordBatchHeader.CrcStart, headers[^1].TotalSize - RecordBatchHeader.CrcStart)));
        }

        return headers;
    }
}
