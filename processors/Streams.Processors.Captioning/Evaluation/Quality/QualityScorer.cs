namespace Streams.Processors.Captioning.Evaluation.Quality;

/// <summary>Measures answers against references, whatever made them.</summary>
public static class QualityScorer
{
    /// <summary>Every metric over the lines that it is meant for.</summary>
    public static QualityReport Score(IReadOnlyList<EvaluationReference> references, IReadOnlyDictionary<string, string> predictions)
    {
        var metrics = new List<QualityMetric>();
        List<(string Prediction, IReadOnlyList<string> References)> Of(params ReferenceTask[] tasks) =>
            [.. references.Where(reference => tasks.Contains(reference.Task)).Select(reference => (predictions.GetValueOrDefault(reference.Id, string.Empty), reference.References))];
        void Add(string name, List<(string Prediction, IReadOnlyList<string> References)> answers, Func<List<(string Prediction, IReadOnlyList<string> References)>, double> measure)
        {
            if (answers.Count > 0)
            {
                metrics.Add(new QualityMetric(name, measure(answers), answers.Count));
            }
        }

        Func<List<(string Prediction, IReadOnlyList<string> References)>, double> Mean(Func<string, IReadOnlyList<string>, double> one) =>
            answers => answers.Average(answer => one(answer.Prediction, answer.References));

        Add("exact", Of(ReferenceTask.Caption, ReferenceTask.Text), Mean((text, right) => AnswerMetrics.Exact(text, right) ? 1 : 0));
        Add("BLEU-4", Of(ReferenceTask.Caption), Bleu.Score);
        Add("CIDEr", Of(ReferenceTask.Caption), Cider.Score);
        metrics.AddRange(Attributes(Of(ReferenceTask.Caption)));
        Add("option letter", Of(ReferenceTask.Choice), Mean((text, right) => AnswerMetrics.SameOption(text, right) ? 1 : 0));
        Add("IoU > 0.5", Of(ReferenceTask.Box), Mean((text, right) => AnswerMetrics.BoxFound(text, right) ? 1 : 0));
        Add("ANLS", Of(ReferenceTask.Text), Mean(AnswerMetrics.Anls));
        return new QualityReport(references.Count, [.. references.Select(reference => reference.Id).Where(id => !predictions.ContainsKey(id))], metrics);
    }

    // Only captions of the grammar name attributes; of several references the first counts.
    private static IEnumerable<QualityMetric> Attributes(List<(string Prediction, IReadOnlyList<string> References)> captions)
    {
        var answers = captions.Where(caption => CaptionGrammar.Parse(caption.References[0]) is { Background: not null, Objects.Count: > 0 })
            .SelectMany(caption => CaptionScorer.Score(caption.References[0], caption.Prediction).Answers)
            .ToLookup(answer => answer.Attribute);
        foreach (var name in CaptionScorer.AttributeNames)
        {
            var total = answers[name].Count();
            if (total > 0)
            {
                yield return new QualityMetric(name, (double)answers[name].Count(answer => answer.IsRight) / total, total);
            }
        }
    }
}
