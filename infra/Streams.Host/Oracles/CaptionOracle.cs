using System.Globalization;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Host.Oracles;

/// <summary>
/// Answers queries about the clips of a pool with what their captions say. A clip is read, decoded and captioned when its query comes, and
/// once: an answer that stands in the log, or a caption that the pipeline has published, is taken instead.
/// </summary>
/// <param name="options">Where the broker is.</param>
/// <param name="source">The pool's source.</param>
/// <param name="pool">The pool.</param>
/// <param name="captioner">The costly model.</param>
/// <param name="published">Captions of the pipeline; null: not to be used.</param>
/// <param name="logged">First answers by sample that the log already has.</param>
internal sealed class CaptionOracle(
    StreamsOptions options, ClipPoolSource source, ClipPool pool, ICaptioner captioner, PublishedCaptions? published, IReadOnlyDictionary<int, LabelSample> logged) : IDisposable
{
    private const string ByModel = "captioner";
    private const string ByPipeline = "video.captions";

    private readonly CaptionAttribute _attribute = CaptionAttribute.Find(source.Attribute);
    private readonly CaptioningOptions _captioning = source.Captioning();
    private readonly CameraRecords _records = new(options, source.Camera);
    private readonly Dictionary<int, LabelSample> _answers = new(logged);

    /// <summary>Clips whose label is known.</summary>
    public int Known => _answers.Count;

    /// <summary>Of these, the clips that the model was asked about, by this oracle or one before it.</summary>
    public int CaptionedByModel => _answers.Values.Count(answer => answer.Oracle == Name(ByModel));

    /// <summary>Of these, the clips whose caption the pipeline had published.</summary>
    public int CaptionedByPipeline => _answers.Values.Count(answer => answer.Oracle == Name(ByPipeline));

    /// <summary>The answer to <paramref name="query"/>; null when it asks nothing, or when the log has the answer.</summary>
    /// <exception cref="StreamsException">The clip's records cannot be read any more.</exception>
    public async ValueTask<LabelSample?> AnswerAsync(LabelQuery query, CancellationToken cancellation)
    {
        if (query is not { Kind: LabelQueryKind.Ask, Sample: { } sample })
        {
            return null;
        }

        if (logged.TryGetValue(sample, out var before) && before.Query == query.Query)
        {
            return null;
        }

        if (_answers.TryGetValue(sample, out var known))
        {
            return known with { Query = query.Query };
        }

        var clip = pool.Clips[sample];
        var caption = published?.Find(clip, cancellation);
        var by = caption is null ? ByModel : ByPipeline;
        caption ??= (await CaptionAsync(clip, cancellation)).Text;
        var answer = new LabelSample(query.Task, sample.ToString(CultureInfo.InvariantCulture), _attribute.LabelOf(caption), Name(by), query.Query);
        _answers.Add(sample, answer);
        return answer;
    }

    /// <summary>Has the model caption <paramref name="clip"/>, from its records alone. Gives what the pipeline publishes for it.</summary>
    /// <exception cref="StreamsException">The records are gone.</exception>
    public async ValueTask<GeneratedCaption> CaptionAsync(PooledClip clip, CancellationToken cancellation)
    {
        var frames = new Dictionary<long, IReadOnlyList<RgbFrame>>();
        await foreach (var record in _records.ReadAsync(source.Partition, clip.Frames[0].Offset, clip.Frames[^1].Offset + 1, cancellation))
        {
            if (record.EventType == EventTypes.VideoFrame)
            {
                frames[record.Offset] = RgbFrameCodec.Decode(record.Payload);
            }
        }

        var input = new List<RgbFrame>(clip.Frames.Length);
        foreach (var place in clip.Frames)
        {
            if (!frames.TryGetValue(place.Offset, out var record) || place.Frame >= record.Count)
            {
                throw ClipPoolScan.Gone(source);
            }

            input.Add(ClipFrames.ToInput(record[place.Frame], _captioning));
        }

        return await captioner.CaptionAsync(input, cancellation);
    }

    public void Dispose()
    {
        _records.Dispose();
        published?.Dispose();
    }

    private string Name(string by) => $"{by}/{source.Model}";
}
