using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Clips;

namespace Streams.Captioning.Tests.Clips;

/// <summary>ffmpeg, or the reason why a test is skipped.</summary>
internal sealed class H264ClipCodec : IClipCodec
{
    public static H264ClipCodec Create()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "ffmpeg"))), "ffmpeg is not installed");
        return new H264ClipCodec();
    }

    public byte[] RoundTrip(byte[] pictures, int size, int groupLength, int quality, CancellationToken cancellationToken) =>
        H264RoundTrip.RunAsync(pictures, size, groupLength, quality, cancellationToken).GetAwaiter().GetResult();
}
