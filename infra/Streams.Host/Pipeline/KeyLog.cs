using Confluent.Kafka;
using Streams.Host.Configuration;
using Streams.Ingest.Decoding;
using Streams.Ingest.Replay;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Host.Pipeline;

/// <summary>
/// The newest records of single keys of a source topic, for pages that show what went in. They are read from Kafka when somebody looks, and from
/// where the last look ended: while nobody does it costs nothing, and it never stands in the pipeline's way.
/// </summary>
/// <param name="options">How to reach the broker.</param>
/// <param name="decoder">Decodes the topic's records.</param>
/// <param name="time">Tells how old a look is.</param>
/// <param name="reach">Offsets of each partition that a first look goes back.</param>
internal sealed class KeyLog(StreamsOptions options, IRecordDecoder decoder, TimeProvider time, long reach)
{
    private const int MaxKeys = 8;
    private const long MaxBytes = 8L << 20;

    /// <summary>Who looks within this time of the last look sees the same.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _keys = new(StringComparer.Ordinal);

    /// <summary>What the topic holds of <paramref name="key"/>, within reach.</summary>
    /// <exception cref="Cli.StreamsException">The topic cannot be read to its end.</exception>
    /// <exception cref="KafkaException">The broker does not answer.</exception>
    public async Task<KeyRecords> ReadAsync(string key, CancellationToken cancellation)
    {
        var kept = Keep(key);
        await kept.Turn.WaitAsync(cancellation);
        try
        {
            if (kept.Read is null || time.GetElapsedTime(kept.At) >= Fresh)
            {
                // The client library blocks.
                kept.Read = await Task.Factory.StartNew(() => Look(key, kept, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
                kept.At = time.GetTimestamp();
            }

            return kept.Read;
        }
        finally
        {
            kept.Turn.Release();
        }
    }

    private Kept Keep(string key)
    {
        lock (_gate)
        {
            if (!_keys.TryGetValue(key, out var kept))
            {
                if (_keys.Count >= MaxKeys)
                {
                    _keys.Remove(_keys.MinBy(each => each.Value.Asked).Key);
                }

                _keys[key] = kept = new Kept();
            }

            kept.Asked = time.GetTimestamp();
            return kept;
        }
    }

    private async Task<KeyRecords> Look(string key, Kept kept, CancellationToken cancellation)
    {
        var plan = ReplayPlan.Resolve(options.Kafka, decoder.Topic, null, null);
        if (plan.Ranges.Any(range => kept.Next.GetValueOrDefault(range.Partition) > range.End))
        {
            // The topic was deleted and made again.
            kept.Forget();
        }

        var ranges = plan.Ranges.Select(range => range with { Start = Start(kept, range) }).ToList();
        var isWhole = (kept.Read?.IsWhole ?? true)
            && plan.Ranges.Zip(ranges).All(pair => pair.Second.Start <= Math.Max(pair.First.Start, kept.Next.GetValueOrDefault(pair.First.Partition)));
        var records = new List<InputRecord>(kept.Read?.Records ?? []);
        foreach (var record in BoundedRead.Of(options, decoder.Topic, ranges, "look", cancellation))
        {
            if (await DecodeAsync(record, key, cancellation) is { } decoded)
            {
                records.Add(decoded);
            }
        }

        ranges.ForEach(range => kept.Next[range.Partition] = range.End);
        return Bounded(records, isWhole);
    }

    private long Start(Kept kept, ReplayRange range) =>
        kept.Next.TryGetValue(range.Partition, out var next) ? Math.Max(next, range.Start) : Math.Max(range.Start, range.End - reach);

    private async ValueTask<InputRecord?> DecodeAsync(ConsumeResult<byte[]?, byte[]?> record, string key, CancellationToken cancellation)
    {
        try
        {
            return EventEnvelope.DecodeKey(record.Message.Key) == key ? await decoder.DecodeAsync(record, key, cancellation) : null;
        }
        catch (RecordFormatException)
        {
            // The pipeline dead-letters it.
            return null;
        }
    }

    private static KeyRecords Bounded(List<InputRecord> records, bool isWhole)
    {
        var (first, bytes) = (records.Count, 0L);
        while (first > 0 && (bytes += records[first - 1].Payload.Length) <= MaxBytes)
        {
            first--;
        }

        return new KeyRecords(records[first..], isWhole && first == 0);
    }

    private sealed class Kept
    {
        /// <summary>Guards all but <see cref="Asked"/>, which the log's gate does.</summary>
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public Dictionary<int, long> Next { get; } = [];

        public KeyRecords? Read { get; set; }

        public long At { get; set; }

        public long Asked { get; set; }

        public void Forget()
        {
            Next.Clear();
            Read = null;
        }
    }
}

/// <summary>Records of one key, in log order.</summary>
/// <param name="Records">The records.</param>
/// <param name="IsWhole">Nothing that the topic holds of the key was left out.</param>
internal sealed record KeyRecords(IReadOnlyList<InputRecord> Records, bool IsWhole);
