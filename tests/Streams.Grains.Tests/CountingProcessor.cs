using System.Buffers.Binary;
using System.Text;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;

namespace Streams.Grains.Tests;

/// <summary>
/// A processor whose output shows its whole history: each record's result is the number of records applied before it and a running
/// checksum of their payloads, so a record lost, doubled or out of order changes every later result.
/// </summary>
internal sealed class CountingProcessor : IRecordProcessor
{
    public const string Poison = "poison";
    public const string Crash = "crash";

    private long _count;
    private long _checksum;

    public CountingProcessor(byte[]? state)
    {
        if (state is not null)
        {
            _count = BinaryPrimitives.ReadInt64LittleEndian(state);
            _checksum = BinaryPrimitives.ReadInt64LittleEndian(state.AsSpan(8));
        }
    }

    /// <summary>Crashes to come: each "crash" record takes one.</summary>
    public static int CrashesLeft { get; set; }

    public ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
    {
        var results = new List<ResultDraft>();
        var rejections = new List<Rejection>();
        foreach (var record in records)
        {
            var text = Encoding.UTF8.GetString(record.Payload.Span);
            if (text == Crash && CrashesLeft > 0)
            {
                CrashesLeft--;
                throw new InvalidOperationException("crash in the middle of a batch");
            }

            if (text == Poison)
            {
                rejections.Add(new Rejection(record.Partition, record.Offset, "poison"));
                continue;
            }

            _checksum = unchecked((_checksum * 31) + text.GetHashCode(StringComparison.Ordinal));
            foreach (var n in (int[])[0, 1])
            {
                results.Add(new ResultDraft(
                    record.Partition, record.Offset, Topics.LabelModes, EventTypes.LabelMode, record.EventTime, Encoding.UTF8.GetBytes($"{_count}:{_checksum}:{n}")));
            }

            _count++;
        }

        return ValueTask.FromResult(new ProcessorOutput(results, rejections));
    }

    public byte[] SaveState()
    {
        var state = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(state, _count);
        BinaryPrimitives.WriteInt64LittleEndian(state.AsSpan(8), _checksum);
        return state;
    }
}

internal sealed class CountingProcessorFactory : IRecordProcessorFactory
{
    public string Topic => Topics.LabelSamples;

    public IRecordProcessor Create(string key, byte[]? state) => new CountingProcessor(state);
}

internal sealed class CountingProcessors : IRunProcessors
{
    public ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic) => ValueTask.FromResult<IRecordProcessorFactory>(new CountingProcessorFactory());
}
