using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;

namespace Streams.Ingest.Tests.Sources.Labels;

public sealed class TruthTableTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Load_SamplesInAnyOrder_AnswersByNumber()
    {
        var truth = await TruthTable.LoadAsync(_temp.File("t.csv", "sample,label\n2,b\n0,a\n1,b\n"), ct: TestContext.Current.CancellationToken);

        Assert.Equal(3, truth.Pool);
        Assert.True(truth.TryGetLabel(2, out var label));
        Assert.Equal("b", label);
        Assert.False(truth.TryGetLabel(3, out _));
        Assert.False(truth.TryGetLabel(-1, out _));
        Assert.Equal([new("b", 2), new("a", 1)], truth.Counts);
    }

    [Fact]
    public async Task Load_SeveralTasks_TakesTheOne()
    {
        var path = _temp.File("t.csv", "task,sample,label\na,0,x\nb,0,y\nb,1,z\n");

        var truth = await TruthTable.LoadAsync(path, "b", TestContext.Current.CancellationToken);

        Assert.Equal(2, truth.Pool);
        Assert.True(truth.TryGetLabel(0, out var label));
        Assert.Equal("y", label);
    }

    [Theory]
    [InlineData("sample,label\n0,a\n2,b\n", "sample 1 is missing among 2")]
    [InlineData("sample,label\n0,a\n0,b\n", "line 3, column 'sample': '0' occurs twice")]
    [InlineData("sample,label\n-1,a\n", "line 2, column 'sample': '-1' is not a number")]
    public async Task Load_NotAPool_SaysWhy(string text, string expected)
    {
        var path = _temp.File("t.csv", text);

        var e = await Assert.ThrowsAsync<SourceException>(() => TruthTable.LoadAsync(path, ct: TestContext.Current.CancellationToken));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
