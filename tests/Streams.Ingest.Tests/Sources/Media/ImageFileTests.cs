using SkiaSharp;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Media;

namespace Streams.Ingest.Tests.Sources.Media;

public sealed class ImageFileTests
{
    [Theory]
    [InlineData("Png", 0)]
    [InlineData("Jpeg", 4)]
    public void Read_Picture_GivesItsPixels(string format, int tolerance)
    {
        using var folder = new TempFolder();
        var path = folder.File("a.img", Encode(30, 20, Enum.Parse<SKEncodedImageFormat>(format)));

        var frame = ImageFile.Read(path);

        Assert.Equal((30, 20), (frame.Width, frame.Height));
        Assert.InRange(frame.Pixels.Span[0], 200 - tolerance, 200 + tolerance);
        Assert.InRange(frame.Pixels.Span[1], 100 - tolerance, 100 + tolerance);
        Assert.InRange(frame.Pixels.Span[2], 50 - tolerance, 50 + tolerance);
    }

    [Fact]
    public void Read_ZeroBytes_SaysHowMany()
    {
        using var folder = new TempFolder();

        Assert.Contains("(0 bytes) is not a picture", Fails(folder.File("a.jpg", [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CutOff_SaysSo()
    {
        using var folder = new TempFolder();
        var bytes = Encode(300, 200, SKEncodedImageFormat.Jpeg);

        Assert.Contains("is damaged", Fails(folder.File("a.jpg", bytes.AsSpan(0, bytes.Length * 2 / 3))), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ClaimsMoreThanTwentyMegapixels_IsRefusedBeforeAnyIsAllocated()
    {
        using var folder = new TempFolder();
        var bytes = Encode(30, 20, SKEncodedImageFormat.Jpeg);
        var size = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 5; // height and width of the frame header
        (bytes[size], bytes[size + 1], bytes[size + 2], bytes[size + 3]) = (0x9C, 0x40, 0x9C, 0x40);
        var path = folder.File("a.jpg", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("has 40000x40000 pixels; at most 20,000,000", Fails(path), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Read_NotThere_SaysSo() => Assert.Contains("'/no/such.jpg' is not there", Fails("/no/such.jpg"), StringComparison.Ordinal);

    private static string Fails(string path) => Assert.Throws<SourceException>(() => ImageFile.Read(path)).Message;

    private static byte[] Encode(int width, int height, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(new SKColor(200, 100, 50));
        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
