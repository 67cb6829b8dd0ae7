using System.Runtime.CompilerServices;
using System.Text;
using Confluent.Kafka;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.Decoding;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Host.Oracles;

/// <summary>Reads one camera's records from <c>video.frames</c>, anywhere in a partition, decoded as the pump decodes them. For one reader at a time.</summary>
internal sealed class CameraRecords : IDisposable
{
    private const int PrefetchKilobytes = 16 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly VideoFrameDecoder _decoder = new();
    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly string _camera;
    private readonly byte[] _key;

    public CameraRecords(StreamsOptions options, string camera)
    {
        (_camera, _key) = (camera, Encoding.UTF8.GetBytes(camera));
        var config = options.Kafka.ToConsumerConfig($"{options.Kafka.GroupId}.oracle");
        config.EnablePartitionEof = true;
        config.QueuedMaxMessagesKbytes = PrefetchKilobytes;
        _consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }

    /// <summary>
    /// The records with offsets from <paramref name="start"/> to before <paramref name="end"/>. Those that break the contract are passed over: in the
    /// pipeline they are dead letters and in no clip.
    /// </summary>
    /// <exception cref="StreamsException">The partition cannot be read so far.</exception>
    public async IAsyncEnumerable<InputRecord> ReadAsync(int partition, long start, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (start >= end)
        {
            yield break;
        }

        var place = new TopicPartition(Topics.VideoFrames, partition);
        _consumer.Assign(new TopicPartitionOffset(place, start));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = _consumer.Consume(Patience)
                ?? throw new StreamsException($"{place} was not read to offset {end}: nothing came for {Patience.TotalSeconds:0} s", "check the broker with `streams doctor`");
            // The end may lie behind a transaction's marker or a compacted gap, with no record before it.
            if (record.IsPartitionEOF || record.Offset.Value >= end)
            {
                break;
            }

            if (record.Message.Key is { } key && key.AsSpan().SequenceEqual(_key) && await DecodeAsync(record, cancellation) is { } input)
            {
                yield return input;
            }

            if (record.Offset.Value + 1 >= end)
            {
                break;
            }
        }

        _consumer.Unassign();
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _decoder.Dispose();
    }

    private async ValueTask<InputRecord?> DecodeAsync(ConsumeResult<byte[], byte[]> record, CancellationToken cancellation)
    {
        try
        {
            return await _decoder.DecodeAsync(record!, _camera, cancellation);
        }
        catch (RecordFormatException)
        {
            return null;
        }
    }
}
