using System.Buffers.Binary;
using CsCheck;
using Streams.DevBroker.Log;
using Streams.DevBroker.Protocol;

namespace Streams.DevBroker.Tests.Log;

public sealed class RecordBatchValidatorTests
{
    private const int NoLimit = int.MaxValue;

    [Fact]
    public void Compute_KnownText_HasTheKnownCrc() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void Validate_WellFormed_IsAccepted()
    {
        var (error, _) = RecordBatchValidator.Validate(Batches.Make(records: 5), NoLimit, 9, out var header);

        Assert.Equal(ErrorCode.None, error);
        Assert.Equal(5, header.RecordCount);
    }

    public static TheoryData<string, byte[], string> BadBatches() => new()
    {
        { "empty", [], nameof(ErrorCode.CorruptMessage) },
        { "cut", Batches.Make()[..^1], nameof(ErrorCode.CorruptMessage) },
        { "two batches", [.. Batches.Make(), .. Batches.Make()], nameof(ErrorCode.InvalidRecord) },
        { "flipped bit", Change(batch => batch[^1] ^= 1), nameof(ErrorCode.CorruptMessage) },
        { "old format", Change(batch => batch[16] = 1), nameof(ErrorCode.UnsupportedForMessageFormat) },
        { "future format", Change(batch => batch[16] = 3), nameof(ErrorCode.UnsupportedForMessageFormat) },
        { "huge length", Change(batch => BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), int.MaxValue)), nameof(ErrorCode.InvalidRecord) },
        { "no records", Batches.Seal(Change(batch => BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), 0))), nameof(ErrorCode.InvalidRecord) },
        { "delta differs from count", Batches.Seal(Change(batch => BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), 7))), nameof(ErrorCode.InvalidRecord) },
        { "more announced than there", Batches.Seal(Change(batch => { BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), 2); BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), 3); })), nameof(ErrorCode.InvalidRecord) },
        { "control", Batches.Make(attributes: 0x20), nameof(ErrorCode.InvalidRecord) },
        { "transactional without a producer", Batches.Make(attributes: 0x10), nameof(ErrorCode.InvalidRecord) },
        { "unknown codec", Batches.Make(attributes: 5), nameof(ErrorCode.UnsupportedCompressionType) },
        { "producer without sequence", Batches.Make(producerId: 1, epoch: 0, sequence: -1), nameof(ErrorCode.InvalidRecord) },
    };

    [Theory]
    [MemberData(nameof(BadBatches))]
    public void Validate_Bad_IsRefusedWithReason(string what, byte[] batch, string expected)
    {
        var (error, message) = RecordBatchValidator.Validate(batch, NoLimit, 9, out _);

        Assert.True(error.ToString() == expected, $"{what}: {error}");
        Assert.NotNull(message);
    }

    [Fact]
    public void Validate_ZstdInOldVersion_IsRefused()
    {
        byte[] batch = Batches.Make(attributes: 4);

        Assert.Equal(ErrorCode.UnsupportedCompressionType, RecordBatchValidator.Validate(batch, NoLimit, 6, out _).Error);
        Assert.Equal(ErrorCode.None, RecordBatchValidator.Validate(batch, NoLimit, 7, out _).Error);
    }

    [Fact]
    public void Validate_OverTheLimit_NamesTheLimit()
    {
        var (error, message) = RecordBatchValidator.Validate(Batches.Make(valueSize: 1000), 500, 9, out _);

        Assert.Equal(ErrorCode.MessageTooLarge, error);
        Assert.Contains("500", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_AnyByteChangedAfterTheLengthField_IsRefused() =>
        Gen.Select(Gen.Int[16, 200], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            byte[] batch = Batches.Make(records: 10, valueSize: 20);
            batch[at] ^= flip;

            Assert.NotEqual(ErrorCode.None, RecordBatchValidator.Validate(batch, NoLimit, 9, out _).Error);
        });

    [Fact]
    public void Validate_AnyBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            if (bytes.Length > 16)
                bytes[16] = 2;
            RecordBatchValidator.Validate(bytes, NoLimit, 9, out _);
            if (bytes.Length < RecordBatchHeader.Size)
                return;
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), bytes.Length - RecordBatchHeader.LengthPrefix);
            RecordBatchValidator.Validate(Batches.Seal(bytes), NoLimit, 9, out _);
        });

    private static byte[] Change(Action<byte[]> change)
    {
        byte[] batch = Batches.Make();
        change(batch);
        return batch;
    }
}
