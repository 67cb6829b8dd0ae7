using System.Buffers.Binary;
using Streams.Schemas;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Pipeline.Roles;

/// <summary>A processor that counts its records and gives no results: the least state that exactly-once effects can show in.</summary>
/// <param name="pause">How long each record takes.</param>
internal sealed class CountingProcessors(TimeSpan pause) : IRunProcessors
{
    public ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic) => ValueTask.FromResult<IRecordProcessorFactory>(new Factory(topic, pause));

    /// <summary>As the product's processors.</summary>
    public bool IsLight(string topic) => topic == Topics.LabelSamples;

    private sealed class Factory(string topic, TimeSpan pause) : IRecordProcessorFactory
    {
        public string Topic => topic;

        public IRecordProcessor Create(string key, byte[]? state) => new Processor(state is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(state), pause);
    }

    private sealed class Processor(long count, TimeSpan pause) : IRecordProcessor
    {
        public async ValueTask<ProcessorOutput> ApplyAsync(IReadOnlyList<InputRecord> records, CancellationToken cancellationToken)
        {
            count += records.Count;
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause * records.Count, cancellationToken);
            }

            return ProcessorOutput.Empty;
        }

        public byte[] SaveState()
        {
            var state = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(state, count);
            return state;
        }
    }
}
