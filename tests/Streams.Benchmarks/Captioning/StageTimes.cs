using System.Diagnostics.Metrics;
using System.Globalization;
using Streams.Processors.Captioning.Serving;

namespace Streams.Benchmarks.Captioning;

/// <summary>What the batcher's two threads did meanwhile, by its own metrics.</summary>
internal sealed class StageTimes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, (int Count, double Seconds)> _stages = [];
    private double _fill;

    public StageTimes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServingMetrics.Name && instrument is Histogram<double>)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            lock (_stages)
            {
                if (instrument.Name == "streams.captioning.batch.fill")
                {
                    _fill += value;
                }

                foreach (var (key, stage) in tags)
                {
                    if (key == "stage")
                    {
                        var (count, seconds) = _stages.GetValueOrDefault((string)stage!);
                        _stages[(string)stage!] = (count + 1, seconds + value);
                    }
                }
            }
        });
        _listener.Start();
    }

    /// <summary>Each stage's share of <paramref name="seconds"/> on its thread, its count, and the mean fill of decoding steps.</summary>
    public string Summary(double seconds)
    {
        lock (_stages)
        {
            var steps = Math.Max(1, _stages.GetValueOrDefault("token").Count);
            var parts = _stages.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value.Count} x {1000 * entry.Value.Seconds / entry.Value.Count:0.0} ms = {entry.Value.Seconds / seconds:0%}"));
            return string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", parts)}, slots {_fill / steps:0%} full");
        }
    }

    public void Dispose() => _listener.Dispose();
}
