using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Streams.Processors.Captioning.Serving;

namespace Streams.Captioning.Tests.Serving;

public sealed class ServingMetricsTests
{
    [Fact]
    public async Task Instruments_AfterClips_HaveEveryStageAndWhatIsHeld()
    {
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == ServingMetrics.Name)
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        void Count(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var detail = tags.ToArray().Where(tag => tag.Key is "stage" or "how").Select(tag => $" {tag.Value}");
            seen.AddOrUpdate(instrument.Name["streams.captioning.".Length..] + string.Concat(detail), value, (_, sum) => sum + value);
        }

        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.Start();
        var batch = new Batch(embeddingBytes: 1 << 20);

        var tokens = await batch.Ask(Batch.Clip(0)).Result;
        await batch.Ask(Batch.Clip(0)).Result;
        listener.RecordObservableInstruments();
        await batch.DisposeAsync(); // the last step is counted after its results are given

        string[] there = ["duration encode", "duration prefill", "duration token", "batch.fill", "images encoded", "cache.bytes", "embeddings.bytes"];
        Assert.All(there, name => Assert.True(seen[name] > 0, name));
        Assert.Equal(16, seen["images encoded"] + seen["images reused"]);
        Assert.Equal(2 * (tokens.Count - 1), seen["tokens.new"]);
        Assert.Equal((0.0, 0.0), (seen["queue"], seen["slots.active"]));
    }
}
