namespace Streams.Schemas;

/// <summary>Names of the topics of the pipeline. A replay run reads the same sources and writes under its own prefix.</summary>
public static class Topics
{
    /// <summary>Source: one JPEG or one self-contained H.264/H.265 segment a record, keyed by camera.</summary>
    public const string VideoFrames = "video.frames";

    /// <summary>Source: one Arrow IPC stream a record, keyed by sensor network.</summary>
    public const string SensorSignals = "sensor.signals";

    /// <summary>Source: task definitions, labelled samples and answers to queries, keyed by labelling task.</summary>
    public const string LabelSamples = "label.samples";

    /// <summary>Result: captions, keyed by camera.</summary>
    public const string VideoCaptions = "video.captions";

    /// <summary>Result: learned graphs and filters, keyed by sensor network.</summary>
    public const string SensorGraphs = "sensor.graphs";

    /// <summary>Result: filled-in readings, keyed by sensor network.</summary>
    public const string SensorImputed = "sensor.imputed";

    /// <summary>Result: what an estimator wants to know next, or that it asks no more, keyed by labelling task.</summary>
    public const string LabelQueries = "label.queries";

    /// <summary>Result: the mode of a labelling task, once, keyed by labelling task.</summary>
    public const string LabelModes = "label.modes";

    /// <summary>Internal, with transactional results only: which source offsets have their results committed.</summary>
    public const string Published = "streams.published";

    /// <summary>Suffix of a source's dead-letter topic.</summary>
    public const string DeadLetterSuffix = ".dlt";

    /// <summary>The run that follows the topics as they grow.</summary>
    public const string LiveRun = "live";

    /// <summary>The three topics that producers write to.</summary>
    public static IReadOnlyList<string> Sources { get; } = [VideoFrames, SensorSignals, LabelSamples];

    /// <summary>The five topics that grains write to.</summary>
    public static IReadOnlyList<string> Results { get; } = [VideoCaptions, SensorGraphs, SensorImputed, LabelQueries, LabelModes];

    /// <summary>The source topic whose records lead to results on <paramref name="result"/>.</summary>
    /// <exception cref="ArgumentException">Not a result topic.</exception>
    public static string SourceOf(string result) => result switch
    {
        VideoCaptions => VideoFrames,
        SensorGraphs or SensorImputed => SensorSignals,
        LabelQueries or LabelModes => LabelSamples,
        _ => throw new ArgumentException($"'{result}' is no result topic; there are {string.Join(", ", Results)}", nameof(result)),
    };

    /// <summary>The dead-letter topic of <paramref name="source"/>.</summary>
    public static string DeadLetter(string source) => source + DeadLetterSuffix;

    /// <summary>The topic that <paramref name="run"/> writes <paramref name="topic"/>'s records to: the topic itself when live, <c>run.NAME.TOPIC</c> otherwise.</summary>
    public static string ForRun(string run, string topic) => run == LiveRun ? topic : $"run.{run}.{topic}";
}
