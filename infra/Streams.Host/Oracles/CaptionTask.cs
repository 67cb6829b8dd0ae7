using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Processors.Captioning;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Host.Oracles;

/// <summary>What is to be found out.</summary>
/// <param name="Task">Definition of the labelling task, see <see cref="Definition"/>.</param>
/// <param name="Camera">The camera.</param>
/// <param name="Attribute">What of its captions.</param>
/// <param name="From">Where the clips begin, when the task is opened: a time, an offset, or null for the oldest record.</param>
/// <param name="To">Where they end, exclusive; null for now.</param>
/// <param name="UsePublished">Take captions that the pipeline has published already.</param>
internal sealed record CaptionTaskRequest(
    LabelTask Task, string Camera, CaptionAttribute Attribute, string? From = null, string? To = null, bool UsePublished = true)
{
    /// <summary>
    /// A definition whose pool is filled in when the task is opened. One query at a time: with more of them open, those that an answer makes
    /// needless have been captioned already.
    /// </summary>
    public static LabelTask Definition(string task, CaptionAttribute attribute, double delta, int? maxLabels = null) =>
        new(task, delta, attribute.Labels, Pool: 1, InFlight: 1, MaxLabels: maxLabels);
}

/// <summary>How a task ended, over all oracles that worked on it.</summary>
/// <param name="Mode">Its result.</param>
/// <param name="Clips">Clips in the pool.</param>
/// <param name="CaptionedByModel">Clips that the model was asked about.</param>
/// <param name="CaptionedByPipeline">Clips whose published caption was taken.</param>
internal sealed record CaptionTaskSummary(LabelMode Mode, int Clips, int CaptionedByModel, int CaptionedByPipeline)
{
    /// <summary>Clips that the model was not asked about.</summary>
    public int ModelCallsSaved => Clips - CaptionedByModel;
}

/// <summary>A labelling task over the clips of a camera: opened once, answered until it stops asking, by one process after the other if need be.</summary>
internal sealed class CaptionTask : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StreamsOptions _options;
    private readonly CaptionOracle _oracle;

    private CaptionTask(StreamsOptions options, string name, ClipPoolSource source, ClipPool pool, CaptionOracle oracle)
    {
        (_options, Name, Source, Pool, _oracle) = (options, name, source, pool, oracle);
    }

    public string Name { get; }

    public ClipPoolSource Source { get; }

    public ClipPool Pool { get; }

    /// <summary>Clips whose label is known.</summary>
    public int Known => _oracle.Known;

    /// <summary>Opens the task, or takes it up where the log says that it stands.</summary>
    /// <exception cref="StreamsException">The camera has no clips, or the task's name stands for something else.</exception>
    /// <exception cref="RecordFormatException">Name, delta or limit cannot be those of a task.</exception>
    public static async Task<CaptionTask> OpenAsync(StreamsOptions options, CaptionTaskRequest request, ICaptioner captioner, CancellationToken cancellation)
    {
        // How large the pool is is found out last, when the rest is known to be in order.
        var name = request.Task.Task;
        var wanted = LabelCodec.DecodeTask(LabelCodec.Encode(request.Task), name);
        using var log = new CaptionTaskLog(options, name);
        log.Refresh(cancellation);
        ClipPool? frozen = null;
        if (log.Definition is null)
        {
            if (log.Answers.Count > 0)
            {
                throw new StreamsException($"Task {name} has samples on {Topics.LabelSamples} and no definition", "give the new task another name");
            }

            (var opened, frozen) = await ClipPoolScan.FreezeAsync(
                options, request.Camera, request.Attribute, captioner.ModelName, request.From, request.To, cancellation);
            await PublishAsync(options, wanted with { Pool = frozen.Clips.Count }, opened, cancellation);
            // Of two that open it at once the one that the log has first counts, for the estimator and so for both.
            await UntilAsync(() => Refreshed(log, cancellation) is not null, $"the definition of task {name} on {Topics.LabelSamples}", cancellation);
        }

        var (definition, source) = log.Definition!.Value;
        Check(request, wanted, definition, source, captioner.ModelName);
        var pool = frozen is not null && frozen.Clips.Count == definition.Pool ? frozen : await ClipPoolScan.ReadAsync(options, source!, cancellation);
        if (pool.Clips.Count != definition.Pool)
        {
            throw ClipPoolScan.Gone(source!);
        }

        var published = request.UsePublished ? new PublishedCaptions(options, source!, pool) : null;
        return new CaptionTask(options, name, source!, pool, new CaptionOracle(options, source!, pool, captioner, published, log.Answers));
    }

    /// <summary>Answers until the task stops asking.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; another process may go on.</exception>
    public async Task<CaptionTaskSummary> RunAsync(CancellationToken cancellation)
    {
        await new OracleLoop(_options, Name, "captions", AnswerAsync).RunAsync(once: true, cancellation);
        cancellation.ThrowIfCancellationRequested();
        using var modes = new TopicReader(_options, Topics.LabelModes, Name);
        LabelMode? mode = null;
        await UntilAsync(
            () => (mode = modes.ReadNew(cancellation).Select(record => ResultJson.Deserialize<LabelMode>(record.Message.Value)).LastOrDefault()) is not null,
            $"the mode of task {Name} on {Topics.LabelModes}",
            cancellation);
        return new CaptionTaskSummary(mode!, Pool.Clips.Count, _oracle.CaptionedByModel, _oracle.CaptionedByPipeline);
    }

    public void Dispose() => _oracle.Dispose();

    private async ValueTask<SourceRecord?> AnswerAsync(LabelQuery query, CancellationToken cancellation) =>
        await _oracle.AnswerAsync(query, cancellation) is { } answer ? LabelRecords.Sample(answer, $"captions/{answer.Query}", DateTimeOffset.UtcNow) : null;

    private static async Task PublishAsync(StreamsOptions options, LabelTask task, ClipPoolSource source, CancellationToken cancellation)
    {
        var record = LabelRecords.Task(task, DateTimeOffset.UtcNow);
        await using var publisher = KafkaAccess.Publisher(options);
        await publisher.PublishAsync(record with { Headers = [source.ToHeader()] }, cancellation);
    }

    private static LabelTask? Refreshed(CaptionTaskLog log, CancellationToken cancellation)
    {
        log.Refresh(cancellation);
        return log.Definition?.Task;
    }

    private static void Check(CaptionTaskRequest request, LabelTask wanted, LabelTask definition, ClipPoolSource? source, string model)
    {
        var difference = source is null ? "does not ask about clips"
            : source.Camera != request.Camera ? $"is about camera {source.Camera}, not {request.Camera}"
            : source.Attribute != request.Attribute.Name ? $"asks for {source.Attribute}, not {request.Attribute.Name}"
            : source.Model != model ? $"was opened with the model {source.Model}, this one is {model}"
            : Differs("delta", definition.Delta, wanted.Delta)
                ?? Differs("most labels", definition.MaxLabels, wanted.MaxLabels)
                ?? Differs("rule", definition.Rule, wanted.Rule)
                ?? Differs("tolerance", definition.Tolerance, wanted.Tolerance)
                ?? Differs("deadline", definition.Deadline, wanted.Deadline)
                ?? Differs("seconds to ask again after", definition.ReaskAfterSeconds, wanted.ReaskAfterSeconds);
        if (difference is not null)
        {
            throw new StreamsException($"Task {wanted.Task} exists and {difference}", "give the new task another name, or the options that it was opened with");
        }
    }

    private static string? Differs<T>(string what, T was, T now) =>
        Equals(was, now) ? null : FormattableString.Invariant($"was opened with {what} {(object?)was ?? "none"}, not {(object?)now ?? "none"}");

    private static async Task UntilAsync(Func<bool> condition, string what, CancellationToken cancellation)
    {
        for (var left = Patience; !condition(); left -= PollInterval)
        {
            if (left <= TimeSpan.Zero)
            {
                throw new StreamsException($"{what} did not come within {Patience.TotalSeconds:0} s", "check the broker and the pipeline with `streams doctor`");
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }
}
