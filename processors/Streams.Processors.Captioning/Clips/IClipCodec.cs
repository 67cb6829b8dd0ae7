namespace Streams.Processors.Captioning.Clips;

/// <summary>A video codec as a camera's pictures meet it: lossy there and back.</summary>
public interface IClipCodec
{
    /// <summary>
    /// Encodes <paramref name="pictures"/>, square RGB pictures of <paramref name="size"/> pixels a side one after another, in groups of
    /// <paramref name="groupLength"/> that do not refer to each other, and decodes them again. The same input gives the same output.
    /// </summary>
    /// <param name="pictures">Bytes of a whole number of groups.</param>
    /// <param name="size">Pixels a side; even.</param>
    /// <param name="groupLength">Pictures a group.</param>
    /// <param name="quality">Constant rate factor of H.264: 18 is hardly visible, 28 coarse.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    byte[] RoundTrip(byte[] pictures, int size, int groupLength, int quality, CancellationToken cancellationToken);
}
