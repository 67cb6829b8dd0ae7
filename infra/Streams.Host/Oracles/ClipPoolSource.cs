using System.Text;
using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Processors.Captioning.Cameras;
using Streams.Schemas;
using Streams.Schemas.Results;
using Headers = Streams.Schemas.Envelope.Headers;

namespace Streams.Host.Oracles;

/// <summary>
/// All that the clips of a task and their labels depend on. It travels as a header of the task's definition: the log that tells the
/// estimator how large the pool is then tells every later oracle which clips it means, whatever has been published since and wherever it runs.
/// </summary>
/// <param name="Camera">The camera.</param>
/// <param name="Attribute">Name of the <see cref="CaptionAttribute"/> that is the label.</param>
/// <param name="Model">Name and version of the captioner.</param>
/// <param name="Partition">Partition of <c>video.frames</c> that the camera's records lie in.</param>
/// <param name="Start">First offset.</param>
/// <param name="End">One past the last offset.</param>
/// <param name="ClipFrames"><see cref="CaptioningOptions.ClipFrames"/>.</param>
/// <param name="Hop"><see cref="CaptioningOptions.Hop"/>.</param>
/// <param name="FrameSize"><see cref="CaptioningOptions.FrameSize"/>.</param>
internal sealed record ClipPoolSource(
    string Camera, string Attribute, string Model, int Partition, long Start, long End, int ClipFrames, int Hop, int FrameSize)
{
    /// <summary>How frames become clips and what of them the captioner sees.</summary>
    public CaptioningOptions Captioning() => new() { ClipFrames = ClipFrames, Hop = Hop, FrameSize = FrameSize };

    public KeyValuePair<string, byte[]> ToHeader() => new(Headers.ClipPool, ResultJson.Serialize(this));

    /// <summary>The source in a definition's headers; null when it has none.</summary>
    /// <exception cref="StreamsException">The header is damaged.</exception>
    public static ClipPoolSource? Read(ConsumeResult<byte[], byte[]> definition)
    {
        if (definition.Message.Headers is not { } headers || !headers.TryGetLastBytes(Headers.ClipPool, out var json))
        {
            return null;
        }

        try
        {
            return ResultJson.Deserialize<ClipPoolSource>(json);
        }
        catch (RecordFormatException e)
        {
            throw new StreamsException(
                $"The header {Headers.ClipPool} of the task's definition ({definition.TopicPartitionOffset}) is '{Encoding.UTF8.GetString(json)}': {e.Message}", "open a task of another name");
        }
    }
}
