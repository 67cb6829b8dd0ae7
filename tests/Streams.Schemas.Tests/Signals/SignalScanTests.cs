using System.Buffers.Binary;
using Streams.Schemas.Signals;

namespace Streams.Schemas.Tests.Signals;

/// <summary>Checking a record where it lies says what reading it says.</summary>
public sealed class SignalScanTests
{
    private const string Network = "net";

    private static readonly byte[][] Records =
    [
        Encode(SignalPrecision.Single, missing: true),
        Encode(SignalPrecision.Double, missing: true),
        Encode(SignalPrecision.Single, missing: false),
        ArrowStreams.Write(ArrowStreams.Metadata(), ("a", ArrowStreams.Floats(1, null, 3)), ("time", ArrowStreams.Times(1, 2, 3)), ("b", ArrowStreams.Doubles(1, 2, 3))),
        ArrowStreams.Write(ArrowStreams.Metadata(), 2, ("time", ArrowStreams.Times(1, 2)), ("a", ArrowStreams.Floats(1, 2))),
    ];

    [Fact]
    public void Validate_MutatedBatchesOfAKnownSchema_AcceptsAndRefusesWhatDecodingDoes()
    {
        var random = new Random(20261126);
        var accepted = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var stream = Records[random.Next(Records.Length)];
            _ = SignalCodec.Decode(stream);
            var mutated = Mutate(stream, random);
            var validated = Outcome(() => SignalCodec.Validate(mutated, Network));
            Assert.Equal(Outcome(() => SignalCodec.Decode(mutated, Network)), validated);
            accepted += validated is null ? 1 : 0;
        }

        Assert.InRange(accepted, 1_000, 9_000);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Validate_AnInfiniteValueUnderAKnownSchema_IsRefused(float value)
    {
        _ = SignalCodec.Decode(Records[3]);
        var stream = ArrowStreams.Write(
            ArrowStreams.Metadata(), ("a", ArrowStreams.Floats(1, value, 3)), ("time", ArrowStreams.Times(1, 2, 3)), ("b", ArrowStreams.Doubles(1, 2, 3)));
        Assert.Throws<RecordFormatException>(() => SignalCodec.Validate(stream, Network));
    }

    [Fact]
    public void Validate_AnotherNetworksKey_IsRefused()
    {
        SignalCodec.Validate(Records[0], Network);
        Assert.Throws<RecordFormatException>(() => SignalCodec.Validate(Records[0], "other"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Validate_AKnownSchema_AllocatesNothing(int stream)
    {
        SignalCodec.Validate(Records[stream], Network);
        SignalCodec.Validate(Records[stream], Network);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            SignalCodec.Validate(Records[stream], Network);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Encode(SignalPrecision precision, bool missing) => SignalCodec.Encode(
        new SignalBatch(
            Network,
            "degC",
            [.. Enumerable.Range(0, 5).Select(i => $"sensor {i}{(missing ? "" : " whole")}")],
            [.. Enumerable.Range(0, 8).Select(i => DateTimeOffset.UnixEpoch.AddHours(i))],
            [.. Enumerable.Range(0, 40).Select(i => missing && i % 7 == 0 ? double.NaN : i)]),
        precision);

    private static byte[] Mutate(byte[] stream, Random random)
    {
        var bytes = stream.ToArray();
        var schema = 8 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        int At(int room) => random.Next(random.Next(10) == 0 ? 0 : schema, bytes.Length - room);
        for (var flips = random.Next(1, 4); flips > 0; flips--)
        {
            switch (random.Next(5))
            {
                case 0:
                    bytes[At(0)] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[At(0)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(At(8) & ~3), random.Next(-64, 65));
                    break;
                case 3:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(At(8) & ~7), random.Next(2) == 0 ? random.Next(-64, 257) : random.NextInt64());
                    break;
                default:
                    bytes.AsSpan(At(16), 16).CopyTo(bytes.AsSpan(At(16)));
                    break;
            }
        }

        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private static string? Outcome(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (RecordFormatException e)
        {
            return e.Message;
        }
    }
}
