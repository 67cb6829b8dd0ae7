using BenchmarkDotNet.Attributes;
using Streams.Schemas.Signals;

namespace Streams.Benchmarks;

/// <summary>The Arrow codec of sensor readings, as a ratio to copying the same bytes.</summary>
[MemoryDiagnoser]
public class SignalBenchmarks
{
    private SignalBatch _batch = null!;
    private byte[] _encoded = null!;

    [Params(1, 64)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Encode()
    {
        const int Sensors = 64;
        var random = new Random(1);
        _batch = new SignalBatch(
            "benchmark",
            "degC",
            [.. Enumerable.Range(0, Sensors).Select(i => $"s{i}")],
            [.. Enumerable.Range(0, Rows).Select(i => DateTimeOffset.UnixEpoch.AddMinutes(i))],
            [.. Enumerable.Range(0, Rows * Sensors).Select(_ => random.NextDouble())]);
        _encoded = SignalCodec.Encode(_batch);
    }

    [Benchmark(Baseline = true)]
    public byte[] CopyBytes() => [.. _encoded];

    [Benchmark]
    public byte[] EncodeBatch() => SignalCodec.Encode(_batch);

    [Benchmark]
    public SignalBatch DecodeBatch() => SignalCodec.Decode(_encoded);
}
