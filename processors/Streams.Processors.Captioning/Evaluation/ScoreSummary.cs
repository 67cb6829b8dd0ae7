using Streams.Processors.Captioning.Pipeline;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>Adds up the scores of a set of clips.</summary>
internal sealed class ScoreSummary
{
    private const int Digits = 4;
    private readonly Dictionary<AttributeAnswer, int> _answers = [];
    private int _clips;
    private int _exact;
    private double _confidence;

    public void Add(string truth, GeneratedCaption caption)
    {
        var score = CaptionScorer.Score(truth, caption.Text);
        _clips++;
        _exact += score.Exact ? 1 : 0;
        _confidence += caption.Confidence;
        foreach (var answer in score.Answers)
        {
            _answers[answer] = _answers.GetValueOrDefault(answer) + 1;
        }
    }

    public CaptionSetMetrics ToMetrics()
    {
        double Share(double part, double whole) => whole == 0 ? 0 : Math.Round(part / whole, Digits);
        int Times(Func<AttributeAnswer, bool> which) => _answers.Where(entry => which(entry.Key)).Sum(entry => entry.Value);
        return new CaptionSetMetrics(
            _clips,
            Share(_exact, _clips),
            CaptionScorer.AttributeNames.ToDictionary(
                name => name, name => Share(Times(answer => answer.Attribute == name && answer.IsRight), Times(answer => answer.Attribute == name))),
            Share(_confidence, _clips),
            [
                .. _answers.Where(entry => !entry.Key.IsRight)
                    .Select(entry => new AttributeConfusion(entry.Key.Attribute, entry.Key.Truth, entry.Key.Said, entry.Value, Times(answer => answer.Attribute == entry.Key.Attribute && answer.Truth == entry.Key.Truth)))
                    .OrderByDescending(confusion => confusion.Times).ThenBy(confusion => confusion.Attribute, StringComparer.Ordinal).ThenBy(confusion => confusion.Truth, StringComparer.Ordinal),
            ]);
    }
}
