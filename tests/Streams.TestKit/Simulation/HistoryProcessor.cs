using System.Buffers.Binary;
using System.Text;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.TestKit.Simulation;

/// <summary>
/// A processor whose every result shows its whole history: how many records came before, and a running hash of them. A record lost, doubled or
/// out of order changes all that follows.
/// </summary>
public sealed class HistoryProcessor : IRecordProcessor
{
    /// <summary>First letter of a record that it refuses.</summary>
    public const char Refused = 'r';

    /// <summary>First letter of a record on which it always throws.</summary>
    public const char Broken = 'b';

    /// <summary>First letter of a record that leads to no result.</summary>
    public const char Silent = 's';

    private const ulong Prime = 0x100000001B3;

    private long _count;
    private ulong _hash = 0xCBF29CE484222325;

    /// <summary>Fresh, or as saved.</summary>
    public HistoryProcessor(byte[]? state)
    {
        if (state is not null)
        {
            _count = BinaryPrimitives.ReadInt64LittleEndian(state);
            _hash = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(8));
        }
    }

    /// <inheritdoc/>
    public ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
    {
        var results = new List<ResultDraft>();
        var rejections = new List<Rejection>();
        foreach (var record in records)
        {
            var text = Encoding.UTF8.GetString(record.Payload.Span);
            switch (text[0])
            {
                case Broken:
                    throw new InvalidOperationException($"cannot take {text}");
                case Refused:
                    rejections.Add(new Rejection(record.Partition, record.Offset, $"refused {text}"));
                    continue;
            }

            foreach (var letter in record.Payload.Span)
            {
                _hash = unchecked((_hash ^ letter) * Prime);
            }

            _count++;
            for (var n = 0; text[0] != Silent && n < 1 + (text.Length % 2); n++)
            {
                results.Add(new ResultDraft(
                    record.Partition, record.Offset, Topics.LabelModes, "history", record.EventTime, Encoding.UTF8.GetBytes($"{_count}:{_hash:x}:{n}")));
            }
        }

        return ValueTask.FromResult(new ProcessorOutput(results, rejections));
    }

    /// <inheritdoc/>
    public byte[] SaveState()
    {
        var state = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(state, _count);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8), _hash);
        return state;
    }
}

/// <summary>Makes them, for one source topic.</summary>
public sealed class HistoryProcessorFactory(string topic = Topics.LabelSamples) : IRecordProcessorFactory
{
    /// <inheritdoc/>
    public string Topic => topic;

    /// <inheritdoc/>
    public IRecordProcessor Create(string key, byte[]? state) => new HistoryProcessor(state);
}
