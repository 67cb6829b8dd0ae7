using System.Globalization;

namespace Streams.Schemas.Envelope;

/// <summary>Where a record lies on a source topic. As text <c>TOPIC/PARTITION/OFFSET</c>.</summary>
/// <param name="Topic">Source topic.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
public readonly record struct RecordOrigin(string Topic, int Partition, long Offset)
{
    /// <summary>Reads the text form; null for anything else.</summary>
    public static RecordOrigin? Parse(string? text) =>
        text?.Split('/') is [{ Length: > 0 } topic, var partitionText, var offsetText]
        && int.TryParse(partitionText, NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
        && long.TryParse(offsetText, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new RecordOrigin(topic, partition, offset)
            : null;

    /// <summary>TOPIC/PARTITION/OFFSET.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}/{Partition}/{Offset}");
}
