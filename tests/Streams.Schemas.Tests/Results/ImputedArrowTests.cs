using Apache.Arrow;
using Apache.Arrow.Ipc;
using Streams.Schemas.Results;

namespace Streams.Schemas.Tests.Results;

public sealed class ImputedArrowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Encode_TwoResults_HasARowForEachValue()
    {
        var bytes = ImputedArrow.Encode(
        [
            new ImputedReadings("roof", "degC", [new ImputedValue(Noon, "a", 1.5, 0.25), new ImputedValue(Noon, "b", -2, 0.5)]),
            new ImputedReadings("roof", null, [new ImputedValue(Noon.AddMinutes(1), "a", 3, 1)], 2, [Noon.AddMinutes(1)]),
        ]);
        using var reader = new ArrowStreamReader(bytes);
        using var batch = reader.ReadNextRecordBatch();
        Assert.Equal(3, batch.Length);
        Assert.Equal(["network", "units", "version", "time", "sensor", "value", "standard_deviation"], batch.Schema.FieldsList.Select(field => field.Name));
        Assert.Equal(["degC", "degC", null], Enumerable.Range(0, 3).Select(row => ((StringArray)batch.Column(1)).GetString(row)));
        Assert.Equal([1, 1, 2], Enumerable.Range(0, 3).Select(row => ((Int32Array)batch.Column(2)).GetValue(row)!.Value));
        Assert.Equal(Noon.AddMinutes(1), ((TimestampArray)batch.Column(3)).GetTimestamp(2));
        Assert.Equal(["a", "b", "a"], Enumerable.Range(0, 3).Select(row => ((StringArray)batch.Column(4)).GetString(row)));
        Assert.Equal([1.5, -2, 3], ((DoubleArray)batch.Column(5)).Values.ToArray());
        Assert.Equal([0.25, 0.5, 1], ((DoubleArray)batch.Column(6)).Values.ToArray());
    }

    [Fact]
    public void Encode_Nothing_IsAStreamWithoutRows()
    {
        using var reader = new ArrowStreamReader(ImputedArrow.Encode([]));
        using var batch = reader.ReadNextRecordBatch();
        Assert.Equal(0, batch.Length);
    }
}
