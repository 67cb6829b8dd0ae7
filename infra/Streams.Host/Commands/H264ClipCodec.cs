using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning.Clips;

namespace Streams.Host.Commands;

/// <summary>ffmpeg as the codec of rendered clips.</summary>
internal sealed class H264ClipCodec : IClipCodec
{
    public byte[] RoundTrip(byte[] pictures, int size, int groupLength, int quality, CancellationToken cancellationToken) =>
        H264RoundTrip.RunAsync(pictures, size, groupLength, quality, cancellationToken).GetAwaiter().GetResult();
}
