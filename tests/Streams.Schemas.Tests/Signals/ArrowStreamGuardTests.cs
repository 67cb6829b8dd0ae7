using System.Buffers.Binary;
using Streams.Schemas.Signals;

namespace Streams.Schemas.Tests.Signals;

public sealed class ArrowStreamGuardTests
{
    private static readonly byte[] Stream = SignalCodec.Encode(new SignalBatch(
        "net",
        "degC",
        [.. Enumerable.Range(0, 5).Select(i => $"sensor {i}")],
        [.. Enumerable.Range(0, 8).Select(i => DateTimeOffset.UnixEpoch.AddHours(i))],
        [.. Enumerable.Range(0, 40).Select(i => i % 7 == 0 ? double.NaN : i)]));

    [Fact]
    public void Decode_EveryPrefix_IsRefused()
    {
        for (var length = 0; length < Stream.Length; length++)
        {
            Assert.Throws<RecordFormatException>(() => SignalCodec.Decode(Stream.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Decode_TenThousandMutations_ThrowNothingElse()
    {
        var random = new Random(20201029);
        var refused = 0;
        for (var i = 0; i < 10_000; i++)
        {
            refused += Survives(Mutate(random)) ? 0 : 1;
        }

        // Mutations of values only change values; those of the frame must have been noticed.
        Assert.InRange(refused, 1_000, 9_999);
    }

    /// <summary>Every aligned word of the frame in turn becomes a hostile count or offset.</summary>
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(-4)]
    [InlineData(0x10000000)]
    public void Decode_AnyWordHostile_ThrowsNothingElseAndAllocatesLittle(int word)
    {
        _ = SignalCodec.Decode(Stream);
        for (var place = 0; place + 4 <= Stream.Length; place += 4)
        {
            var hostile = Stream.ToArray();
            BinaryPrimitives.WriteInt32LittleEndian(hostile.AsSpan(place), word);
            var before = GC.GetAllocatedBytesForCurrentThread();
            _ = Survives(hostile);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        }
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = Stream.ToArray();
        for (var flips = random.Next(1, 6); flips > 0; flips--)
        {
            switch (random.Next(4))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(random.Next((bytes.Length / 4) - 1) * 4), random.Next(-64, 65));
                    break;
                default:
                    var from = random.Next(bytes.Length - 16);
                    bytes.AsSpan(from, 16).CopyTo(bytes.AsSpan(random.Next(bytes.Length - 16)));
                    break;
            }
        }

        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static bool Survives(byte[] stream)
    {
        try
        {
            var batch = SignalCodec.Decode(stream);
            Assert.Equal(batch.Times.Count * batch.Sensors.Count, batch.Values.Length);
            return true;
        }
        catch (RecordFormatException)
        {
            return false;
        }
    }
}
