using Streams.Processors.Captioning.Evaluation.Quality;

namespace Streams.Captioning.Tests.Evaluation.Quality;

public sealed class QualityScorerTests
{
    private const string Scene = "a small red circle moves left slowly on a dark background .";

    [Fact]
    public async Task Score_FilesOfAllTasks_EveryMetricOverItsLines()
    {
        var references = await ReadAsync($$"""
            {"id": "1", "references": ["{{Scene}}"], "video": "a.mp4"}
            {"id": "2", "references": ["a dog runs on the beach", "a dog on a beach"], "images": ["a.jpg"], "prompt": "Describe."}

            {"id": "3", "task": "choice", "references": ["B"]}
            {"id": "4", "task": "choice", "references": ["(C)"]}
            {"id": "5", "task": "box", "references": ["<100,100,300,300>"]}
            {"id": "6", "task": "text", "references": ["hello"]}
            {"id": "7", "task": "text", "references": ["stop"]}
            """);
        var predictions = await PredictAsync($$"""
            {"id": "1", "text": "{{Scene.Replace("slowly", "quickly", StringComparison.Ordinal)}}"}
            {"id": "2", "text": "A dog runs on the beach"}
            {"id": "3", "text": "The answer is (B)."}
            {"id": "4", "text": "D"}
            {"id": "5", "text": "It is at <110,100,300,300>."}
            {"id": "6", "text": "helo"}
            """);

        var report = QualityScorer.Score(references, predictions);
        var metrics = report.Metrics.ToDictionary(metric => metric.Name);

        Assert.Equal(7, report.References);
        Assert.Equal(["7"], report.Missing);
        Assert.Equal((0.25, 4), (metrics["exact"].Value, metrics["exact"].Count));
        Assert.Equal((0.5, 2), (metrics["option letter"].Value, metrics["option letter"].Count));
        Assert.Equal((1, 1), (metrics["IoU > 0.5"].Value, metrics["IoU > 0.5"].Count));
        Assert.Equal(0.4, metrics["ANLS"].Value, 1e-12);
        Assert.Equal((0, 1), (metrics["speed"].Value, metrics["speed"].Count));
        Assert.Equal((1, 1), (metrics["motion"].Value, metrics["motion"].Count));
        Assert.Equal(Math.Pow(16.0 / 17 * 13 / 15 * 10 / 13 * 7 / 11, 0.25), metrics["BLEU-4"].Value, 1e-12); // one word of eleven wrong, and all of six right
        Assert.InRange(metrics["CIDEr"].Value, 3, 9);
    }

    [Theory]
    [InlineData("{\"id\": \"1\", \"references\": []}", "line 1: references is empty")]
    [InlineData("{\"id\": \"1\", \"references\": [\"a\"]}\n{\"id\": \"1\", \"references\": [\"a\"]}", "line 2: id \"1\" has come before")]
    [InlineData("\n{\"id\": \"1\"}", "line 2: ")]
    [InlineData("{\"id\": \"1\", \"task\": \"poem\", \"references\": [\"a\"]}", "line 1: ")]
    [InlineData("[", "line 1: ")]
    public async Task ReadReferences_LinesThatCannotBeUsed_NamesFileAndLine(string text, string expected)
    {
        var error = await Assert.ThrowsAsync<EvaluationFileException>(() => ReadAsync(text));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<EvaluationReference>> ReadAsync(string text) =>
        EvaluationFiles.ReadReferencesAsync("references.jsonl", text.Split('\n').ToAsyncEnumerable(), TestContext.Current.CancellationToken);

    private static Task<IReadOnlyDictionary<string, string>> PredictAsync(string text) =>
        EvaluationFiles.ReadPredictionsAsync("predictions.jsonl", text.Split('\n').ToAsyncEnumerable(), TestContext.Current.CancellationToken);
}
