using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Video;

namespace Streams.Ingest.Tests.Sources.Video;

public sealed class UnitReaderTests
{
    private const int Most = 1 << 20;

    // A thumbnail's markers within a segment, stuffed and restart bytes within the scan, a second scan with its table, and fill bytes.
    private static readonly byte[] Tricky =
    [
        0xFF, 0xD8,
        0xFF, 0xE1, 0, 12, 0xFF, 0xD8, 0xFF, 0xDA, 0, 4, 0, 0, 0xFF, 0xD9,
        0xFF, 0xFF, 0xC2, 0, 8, 8, 0, 48, 0, 64, 0,
        0xFF, 0xDA, 0, 4, 1, 2, 10, 0xFF, 0x00, 0xD9, 0xFF, 0xD0, 11, 0xFF, 0xD7, 12,
        0xFF, 0xC4, 0, 4, 0xFF, 0xD9,
        0xFF, 0xDA, 0, 2, 13, 0xFF, 0x00,
        0xFF, 0xFF, 0xD9,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task ReadJpegs_MarkersWithinSegmentsAndScans_AreNoBoundaries(int chunk)
    {
        var reader = new JpegReader(new ChunkedStream([.. Tricky, .. Tricky, .. Tricky], chunk), Most);

        for (var i = 0; i < 3; i++)
        {
            var unit = await reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(Tricky, unit!.Bytes);
            Assert.Equal((64, 48, 1), (unit.Width, unit.Height, unit.Frames));
        }

        Assert.Null(await reader.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ReadJpegs_EndsWithinOne_FailsAfterTheWholeOnes()
    {
        for (var cut = 1; cut < Tricky.Length; cut++)
        {
            var reader = new JpegReader(new ChunkedStream([.. Tricky, .. Tricky[..cut]], 5), Most);

            Assert.NotNull(await reader.ReadAsync(TestContext.Current.CancellationToken));
            var e = await Assert.ThrowsAsync<SourceException>(async () => await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.Contains("ends within a frame", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "where FFD8 should start")]
    [InlineData(new byte[] { 0xFF, 0xD8, 5, 5 }, "where a marker should be")]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xD8, 0, 4 }, "marker FFD8")]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xE0, 0, 1 }, "claims 1 bytes")]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xD9 }, "no frame header")]
    public async Task ReadJpegs_NoJpegs_SaysWhatIsThere(byte[] bytes, string expected)
    {
        var e = await Assert.ThrowsAsync<SourceException>(async () => await new JpegReader(new MemoryStream(bytes), Most).ReadAsync(TestContext.Current.CancellationToken));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadJpegs_LargerThanAllowed_IsRefusedWithoutReadingItAll()
    {
        var stream = new ChunkedStream([0xFF, 0xD8, 0xFF, 0xDA, 0, 2, .. new byte[Most]], 4096);

        var e = await Assert.ThrowsAsync<SourceException>(async () => await new JpegReader(stream, 10_000).ReadAsync(TestContext.Current.CancellationToken));

        Assert.Contains("more than 10000 bytes", e.Message, StringComparison.Ordinal);
        Assert.InRange(stream.Taken, 10_000, 20_000);
    }

    [Fact]
    public async Task Read_SlowConsumer_HoldsAtMostOneReadMore()
    {
        var stream = new ChunkedStream([.. Enumerable.Repeat(Tricky, 20_000).SelectMany(bytes => bytes)], int.MaxValue);
        var reader = new JpegReader(stream, Most);

        for (var i = 1; i <= 20_000; i++)
        {
            Assert.NotNull(await reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.InRange(stream.Taken - (i * Tricky.Length), 0, 64 * 1024);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task ReadSegments_CutsBeforeTheDelimiterOfEachKeyframe(int chunk)
    {
        // Delimiter, parameter set of a 16x16 baseline picture, IDR slice; delimiter, other slice; two slices of one picture.
        byte[] parameters = [0, 0, 1, 0x67, 66, 0, 10, 0b1101_1101, 0b1100_0100];
        byte[] key = [0, 0, 0, 1, 9, 0x10, .. parameters, 0, 0, 1, 0x65, 1, 0, 0, 3, 1, 0, 0, 1, 0x65, 2];
        byte[] other = [0, 0, 0, 1, 9, 0x30, 0, 0, 1, 0x41, 3, 0, 0, 1, 0x41, 4];
        var reader = new H264Reader(new ChunkedStream([.. key, .. other, .. other, .. key, .. key, .. other], chunk), Most);

        var units = new List<MediaUnit>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is { } unit)
        {
            units.Add(unit);
        }

        Assert.Equal([[.. key, .. other, .. other], key, [.. key, .. other]], units.Select(unit => unit.Bytes));
        Assert.Equal([3, 1, 2], units.Select(unit => unit.Frames));
        Assert.All(units, unit => Assert.Equal((16, 16), (unit.Width, unit.Height)));
    }

    /// <summary>Gives at most so many bytes a read, and counts them.</summary>
    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public long Taken => Position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
