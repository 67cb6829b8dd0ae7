using Streams.Processors.Captioning.Pipeline;

namespace Streams.Processors.Captioning.Evaluation;

/// <summary>Adds up the scores of a set of clips.</summary>
internal sealed class ScoreSummary
{
    private readonly Dictionary<string, (int Right, int Total)> _attributes = CaptionScorer.AttributeNames.ToDictionary(name => name, _ => (0, 0));
    private int _clips;
    private int _exact;
    private double _confidence;

    public void Add(string truth, GeneratedCaption caption)
    {
        var score = CaptionScorer.Score(truth, caption.Text);
        _clips++;
        _exact += score.Exact ? 1 : 0;
        _confidence += caption.Confidence;
        foreach (var (name, (right, total)) in score.Attributes)
        {
            _attributes[name] = (_attributes[name].Right + right, _attributes[name].Total + total);
        }
    }

    public CaptionSetMetrics ToMetrics(int digits)
    {
        double Share(double part, double whole) => whole == 0 ? 0 : Math.Round(part / whole, digits);
        return new CaptionSetMetrics(
            _clips,
            Share(_exact, _clips),
            _attributes.ToDictionary(entry => entry.Key, entry => Share(entry.Value.Right, entry.Value.Total)),
            Share(_confidence, _clips));
    }
}
