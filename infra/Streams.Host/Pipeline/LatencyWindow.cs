namespace Streams.Host.Pipeline;

/// <summary>The newest latencies, for percentiles. Written by the projector, read by status calls.</summary>
internal sealed class LatencyWindow(int capacity = 4096)
{
    private readonly double[] _milliseconds = new double[capacity];
    private readonly Lock _lock = new();
    private long _count;

    public void Add(TimeSpan latency)
    {
        lock (_lock)
        {
            _milliseconds[_count++ % _milliseconds.Length] = latency.TotalMilliseconds;
        }
    }

    /// <summary>The quantile in milliseconds (nearest rank), null before the first value.</summary>
    public double? Quantile(double q)
    {
        double[] values;
        lock (_lock)
        {
            values = _milliseconds[..(int)Math.Min(_count, _milliseconds.Length)];
        }

        if (values.Length == 0)
        {
            return null;
        }

        Array.Sort(values);
        return values[Math.Clamp((int)Math.Ceiling(q * values.Length) - 1, 0, values.Length - 1)];
    }
}
