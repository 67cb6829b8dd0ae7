using Confluent.Kafka;
using Streams.Host.Configuration;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Host.Oracles;

/// <summary>What <c>label.samples</c> says of a task: how it was opened and what its oracles have answered.</summary>
internal sealed class CaptionTaskLog(StreamsOptions options, string task) : IDisposable
{
    private readonly TopicReader _topic = new(options, Topics.LabelSamples, task);
    private readonly Dictionary<int, LabelSample> _answers = [];

    /// <summary>The definition that counts, which is the first, and its header; null when there is none yet.</summary>
    public (LabelTask Task, ClipPoolSource? Source)? Definition { get; private set; }

    /// <summary>The first answer about each sample.</summary>
    public IReadOnlyDictionary<int, LabelSample> Answers => _answers;

    /// <summary>Reads on to the end of now.</summary>
    public void Refresh(CancellationToken cancellation)
    {
        foreach (var record in _topic.ReadNew(cancellation))
        {
            try
            {
                Take(record);
            }
            catch (RecordFormatException)
            {
                // The pipeline refuses it as well.
            }
        }
    }

    public void Dispose() => _topic.Dispose();

    private void Take(ConsumeResult<byte[], byte[]> record)
    {
        var envelope = EventEnvelope.FromHeaders(name => record.Message.Headers is { } headers && headers.TryGetLastBytes(name, out var bytes) ? bytes : null);
        switch (LabelCodec.KindOf(envelope.Type))
        {
            case LabelRecordKind.Task:
                var definition = LabelCodec.DecodeTask(record.Message.Value, task);
                Definition ??= (definition, ClipPoolSource.Read(record));
                break;
            case LabelRecordKind.Sample:
                var sample = LabelCodec.DecodeSample(record.Message.Value, task);
                if (int.TryParse(sample.Sample, System.Globalization.CultureInfo.InvariantCulture, out var number))
                {
                    _answers.TryAdd(number, sample);
                }

                break;
        }
    }
}
