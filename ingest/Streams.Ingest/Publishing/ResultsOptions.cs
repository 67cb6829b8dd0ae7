using System.ComponentModel.DataAnnotations;

namespace Streams.Ingest.Publishing;

/// <summary>How results reach their topics.</summary>
public sealed class ResultsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Streams:Results";

    /// <summary>
    /// Publish in Kafka transactions: a consumer with <c>isolation.level=read_committed</c> sees each result exactly once and need not drop
    /// repeated ids. Costs up to <see cref="TransactionInterval"/> of latency, and a producer for each source partition. False: idempotent
    /// producer; after a crash a result can come again under the same id.
    /// </summary>
    public bool Transactional { get; set; }

    /// <summary>How long results are gathered for one transaction of a partition. Small transactions are dear. Ignored unless transactional.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan TransactionInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After how long the broker aborts a transaction that does not end. Ignored unless transactional.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:15:00")]
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
