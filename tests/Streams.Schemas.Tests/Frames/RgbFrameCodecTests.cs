using System.Buffers.Binary;
using CsCheck;
using Streams.Schemas.Frames;

namespace Streams.Schemas.Tests.Frames;

public sealed class RgbFrameCodecTests
{
    private static readonly Gen<RgbFrame> Frames =
        from microseconds in Gen.Long[-62_135_596_800_000_000, 253_402_300_799_999_999]
        from width in Gen.Int[1, 9]
        from height in Gen.Int[1, 9]
        from pixels in Gen.Byte.Array[width * height * 3]
        select new RgbFrame(EventTime.FromMicroseconds(microseconds), width, height, pixels);

    [Fact]
    public void Decode_OfEncode_GivesTheFramesBack() =>
        Frames.Array[0, 5].Sample(frames =>
        {
            var read = RgbFrameCodec.Decode(RgbFrameCodec.Encode(frames));

            Assert.Equal(frames.Select(Shape), read.Select(Shape));
            Assert.All(frames.Zip(read), pair => Assert.Equal(pair.First.Pixels.ToArray(), pair.Second.Pixels.ToArray()));
        });

    [Fact]
    public void Decode_EveryPrefix_IsRefused()
    {
        var bytes = RgbFrameCodec.Encode([Frame(3, 2), Frame(1, 1)]);

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Decode(bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Decode_BytesAfterTheLastFrame_IsRefused() =>
        Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Decode((byte[])[.. RgbFrameCodec.Encode([Frame(1, 1)]), 0]));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, -1)]
    [InlineData(65_536, 65_536)]
    // Their product times three overflows 64 bits to a negative size.
    [InlineData(int.MaxValue, int.MaxValue)]
    // Cut to 32 bits this is the size of a smaller frame.
    [InlineData(1_431_655_766, 2)]
    public void Decode_ImpossibleSize_IsRefused(int width, int height)
    {
        var bytes = RgbFrameCodec.Encode([Frame(2, 2)]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), height);

        Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Decode(bytes));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void Decode_CountThatIsNotThere_IsRefused(int count)
    {
        var bytes = RgbFrameCodec.Encode([Frame(2, 2)]);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);

        Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Decode(bytes));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(253_402_300_800_000_000)]
    public void Decode_TimeOutsideTheCalendar_IsRefused(long microseconds)
    {
        var bytes = RgbFrameCodec.Encode([Frame(2, 2)]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), microseconds);

        Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Decode(bytes));
    }

    [Fact]
    public void Decode_AnyDamage_IsReadOrRefusedByFormat()
    {
        var whole = RgbFrameCodec.Encode([Frame(3, 2), Frame(2, 2)]);
        (from position in Gen.Int[0, 40]
         from damage in Gen.Byte.Array[1, 8]
         from length in Gen.Int[0, whole.Length]
         select (position, damage, length)).Sample(
            wrong =>
            {
                var bytes = whole.ToArray();
                wrong.damage.CopyTo(bytes, wrong.position);
                try
                {
                    Assert.All(RgbFrameCodec.Decode(bytes.AsMemory(0, wrong.length)), frame => Assert.Equal(frame.Width * frame.Height * 3, frame.Pixels.Length));
                }
                catch (RecordFormatException e)
                {
                    Assert.Equal("frame", e.Field);
                }
            },
            iter: 10_000);
    }

    [Fact]
    public void Encode_PixelsThatDoNotFitTheSize_IsRefused() =>
        Assert.Contains(
            "11 bytes for 2x2",
            Assert.Throws<RecordFormatException>(() => RgbFrameCodec.Encode([new RgbFrame(default, 2, 2, new byte[11])])).Message,
            StringComparison.Ordinal);

    private static RgbFrame Frame(int width, int height) =>
        new(DateTimeOffset.UnixEpoch, width, height, Enumerable.Range(0, width * height * 3).Select(i => (byte)i).ToArray());

    private static (DateTimeOffset, int, int) Shape(RgbFrame frame) => (frame.CaptureTime, frame.Width, frame.Height);
}
