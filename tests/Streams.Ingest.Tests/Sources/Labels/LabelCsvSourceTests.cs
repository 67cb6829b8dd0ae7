using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;

namespace Streams.Ingest.Tests.Sources.Labels;

public sealed class LabelCsvSourceTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Read_SamplesOfOneTask_AreRecordsThatReadersAccept()
    {
        var path = _temp.File("pets.csv", "Sample,Label,Note\n0,cat,x\n7,dog,y\n");
        var source = await OpenAsync(new() { Path = path, Task = "pets", Oracle = "anna", Time = Time });

        var records = await Records.AllAsync(source);

        Assert.Equal(2, source.ExpectedRecords);
        Assert.Equal(
            [new LabelSample("pets", "0", "cat", "anna"), new LabelSample("pets", "7", "dog", "anna")],
            records.Select(record => LabelCodec.DecodeSample(record.Value, record.Key)));
        Assert.Equal(["pets/pets.csv/0", "pets/pets.csv/1"], records.Select(record => record.Envelope.Id));
        Assert.All(records, record => Assert.Equal((Topics.LabelSamples, EventTypes.LabelSample, Time), (record.Topic, record.Envelope.Type, record.Envelope.Time)));
    }

    [Theory]
    [InlineData(null, "a:1=x b:1=y a:2=z", 3)]
    [InlineData("a", "a:1=x a:2=z", null)]
    public async Task Read_TaskColumn_IsTheTaskUnlessOneIsPicked(string? task, string expected, int? count)
    {
        var path = _temp.File("many.csv", "task,sample,label,oracle\na,1,x,o1\nb,1,y,\na,2,z,o2\n");
        var source = await OpenAsync(new() { Path = path, Task = task, Time = Time });

        var samples = (await Records.AllAsync(source)).Select(record => LabelCodec.DecodeSample(record.Value, record.Key)).ToList();

        Assert.Equal(expected, string.Join(' ', samples.Select(s => $"{s.Task}:{s.Sample}={s.Label}")));
        Assert.Equal("o1", samples[0].Oracle);
        Assert.Equal(count, source.ExpectedRecords);
    }

    [Theory]
    [InlineData("sample,label\n1,\n", "line 2, column 'label'")]
    [InlineData("sample,label\n1,a\n,b\n", "line 3, column 'sample'")]
    [InlineData("sample,name\n1,a\n", "no column 'label' among sample, name")]
    [InlineData("sample,label\n", "has no row of task 'pets'")]
    public async Task Read_BadTable_SaysWhereAndWhy(string text, string expected)
    {
        var path = _temp.File("bad.csv", text);

        var e = await Assert.ThrowsAsync<SourceException>(async () => await Records.AllAsync(await OpenAsync(new() { Path = path, Task = "pets" })));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_NoTaskAnywhere_AsksForIt()
    {
        var e = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(new() { Path = _temp.File("a.csv", "sample,label\n1,a\n") }));

        Assert.Contains("Task is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Task_Definition_IsReadBack()
    {
        var task = new LabelTask("pets", 0.01, 3, Pool: 100);

        var record = LabelRecords.Task(task, Time);

        Assert.Equal(task, LabelCodec.DecodeTask(record.Value, record.Key));
        Assert.Equal((EventTypes.LabelTask, "pets/task", Topics.LabelSamples), (record.Envelope.Type, record.Envelope.Id, record.Topic));
    }

    private static Task<LabelCsvSource> OpenAsync(LabelCsvOptions options) =>
        LabelCsvSource.OpenAsync(options, TimeProvider.System, TestContext.Current.CancellationToken);
}
