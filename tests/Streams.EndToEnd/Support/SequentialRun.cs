using System.Text;
using Streams.Ingest.Decoding;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.EndToEnd.Support;

/// <summary>
/// What a topic's records must lead to: every record once, in order, one processor a key, in this process, with nothing killed.
/// The pipeline's results are held against it id by id.
/// </summary>
internal static class SequentialRun
{
    /// <summary>Results by id, for the result topic <paramref name="results"/>.</summary>
    public static async Task<SortedDictionary<string, string>> OfAsync(
        string broker, IRecordDecoder decoder, IRecordProcessorFactory factory, string results, string run = Topics.LiveRun)
    {
        var processors = new Dictionary<string, IRecordProcessor>();
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var record in KafkaTopic.ReadAll(broker, decoder.Topic))
        {
            InputRecord input;
            string key;
            try
            {
                key = EventEnvelope.DecodeKey(record.Message.Key);
                input = await decoder.DecodeAsync(record!, key, CancellationToken.None);
            }
            catch (RecordFormatException)
            {
                continue;
            }

            if (!processors.TryGetValue(key, out var processor))
            {
                processors[key] = processor = factory.Create(key, null);
            }

            var output = await processor.ApplyAsync([input], CancellationToken.None);
            for (var n = 0; n < output.Results.Count; n++)
            {
                if (output.Results[n].Topic == results)
                {
                    expected.Add(new ResultId(run, decoder.Topic, input.Partition, input.Offset, n).ToString(), Encoding.UTF8.GetString(output.Results[n].Data));
                }
            }
        }

        return expected;
    }
}
