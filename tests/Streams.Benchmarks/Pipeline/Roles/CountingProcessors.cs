using System.Buffers.Binary;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary>A processor that counts its records and gives no results: the least state that exactly-once effects can show in.</summary>
internal sealed class CountingProcessors : IRunProcessors
{
    public ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic) => ValueTask.FromResult<IRecordProcessorFactory>(new Factory(topic));

    private sealed class Factory(string topic) : IRecordProcessorFactory
    {
        public string Topic => topic;

        public IRecordProcessor Create(string key, byte[]? state) => new Processor(state is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(state));
    }

    private sealed class Processor(long count) : IRecordProcessor
    {
        public ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
        {
            count += records.Count;
            return ValueTask.FromResult(ProcessorOutput.Empty);
        }

        public byte[] SaveState()
        {
            var state = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(state, count);
            return state;
        }
    }
}
