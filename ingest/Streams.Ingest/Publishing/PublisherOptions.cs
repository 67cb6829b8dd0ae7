using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Publishing;

/// <summary>How records are written.</summary>
public sealed class PublisherOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Streams:Publisher";

    /// <summary>Compression of batches. Frames are compressed already and cost little either way.</summary>
    public PublisherCompression Compression { get; set; } = PublisherCompression.Lz4;

    /// <summary>How long a record waits for others to share a request.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long the broker may take to acknowledge a record, repetitions included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes that may wait for the broker; further publishing waits.</summary>
    [Range(32 * 1024 * 1024, 1024 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>Codecs that every Kafka client reads.</summary>
public enum PublisherCompression
{
    /// <summary>As it is.</summary>
    None,

    /// <summary>Fast.</summary>
    Lz4,

    /// <summary>Small.</summary>
    Zstd,
}
