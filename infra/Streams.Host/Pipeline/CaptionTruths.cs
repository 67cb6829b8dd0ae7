using Streams.Dashboard.Status;
using Streams.Processors.Captioning.Evaluation;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>What cameras truly show, where somebody knows it, and how the captions of live compare.</summary>
internal sealed class CaptionTruths
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Camera, DateTimeOffset Start), string> _truths = [];
    private readonly Dictionary<(string Camera, DateTimeOffset Start), CaptionScore> _scores = [];

    /// <summary>The comparison so far; null where nothing is known.</summary>
    public CaptionAccuracy? Accuracy
    {
        get
        {
            lock (_gate)
            {
                return _truths.Count == 0 ? null : new CaptionAccuracy(_scores.Count, _scores.Values.Count(score => score.Exact), ByAttribute(_scores.Values))
                {
                    Cameras =
                    [
                        .. _scores.GroupBy(score => score.Key.Camera, score => score.Value).OrderBy(camera => camera.Key, StringComparer.Ordinal)
                            .Select(camera => new CameraAccuracy(camera.Key, camera.Count(), camera.Count(score => score.Exact), ByAttribute(camera))),
                    ],
                };
            }
        }
    }

    /// <summary>The clip of <paramref name="camera"/> that begins at <paramref name="start"/> truly shows <paramref name="caption"/>.</summary>
    public void Know(string camera, DateTimeOffset start, string caption)
    {
        lock (_gate)
        {
            _truths[(camera, start)] = caption;
        }
    }

    /// <summary>Compares a final caption, if its truth is known. The same clip counts once, however often it comes.</summary>
    public void Compare(Caption caption)
    {
        var clip = (caption.Camera, caption.Start);
        lock (_gate)
        {
            if (caption.Provisional != true && _truths.TryGetValue(clip, out var truth))
            {
                _scores[clip] = CaptionScorer.Score(truth, caption.Text);
            }
        }
    }

    /// <summary>Nothing is known, so that nobody need read the captions.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _truths.Count == 0;
            }
        }
    }

    private static List<AttributeAccuracy> ByAttribute(IEnumerable<CaptionScore> scores) =>
    [
        .. scores.SelectMany(score => score.Answers).GroupBy(answer => answer.Attribute)
            .Select(answers => new AttributeAccuracy(answers.Key, answers.Count(answer => answer.IsRight), answers.Count())),
    ];
}
