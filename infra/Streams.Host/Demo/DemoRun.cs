using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;
using Streams.Dashboard.Results;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Oracles;
using Streams.Host.Pipeline;
using Streams.Ingest.Publishing;
using Streams.Ingest.Sources.Signals;
using Streams.Ingest.Sources.Video;
using Streams.Processors.Captioning;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;

namespace Streams.Host.Demo;

/// <summary>Feeds the pipeline, waits until every record has come out, and counts.</summary>
internal sealed class DemoRun(StreamsOptions options, IServiceProvider services, string folder, int clips) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);
    private static readonly DateTimeOffset FilmStart = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly DemoCameras _cameras = new(clips);
    private readonly CaptionTruths _truths = services.GetRequiredService<CaptionTruths>();
    private readonly DemoSensors _sensors = DemoSensors.Load();
    private readonly IReadOnlyList<DemoTasks.DemoTask> _tasks = DemoTasks.Create();
    private readonly PumpSet _pumps = services.GetRequiredService<PumpSet>();

    // Only asked for the ends of topics.
    private readonly IConsumer<byte[], byte[]> _ends =
        new ConsumerBuilder<byte[], byte[]>(options.Kafka.ToConsumerConfig("streams-demo")).SetLogHandler((_, _) => { }).Build();

    private readonly Dictionary<string, int> _partitions = [];

    private (CaptionTaskRequest Request, CaptionTaskSummary Summary)? _watched;

    public void Dispose() => _ends.Dispose();

    public async Task<DemoReport> RunAsync(CancellationToken cancellation)
    {
        using var oracles = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var answers = _tasks
            .Select(task => OracleLoop.OfTruths(options, task.Definition.Task, task.Truths, "demo").RunAsync(once: true, oracles.Token))
            .ToList();
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bars = Topics.Sources.ToDictionary(topic => topic, topic => context.AddTask(topic, maxValue: 1));
                using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var drawing = DrawAsync(bars, done.Token);
                await WaitUntilReadyAsync(cancellation);
                await FeedAsync(cancellation);
                await AskCaptionerAsync(cancellation);
                await Task.WhenAll(answers);
                await DrainAsync(cancellation);
                await done.CancelAsync();
                await drawing;
            });
        await oracles.CancelAsync();
        return await CountAsync();
    }

    // Latency counts from here: before, records would wait for partitions to be handed out.
    private async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        var projector = services.GetRequiredService<Projector>();
        while (!_pumps.IsReady || !projector.IsReady)
        {
            await Task.Delay(PollInterval, cancellation);
        }
    }

    private async Task FeedAsync(CancellationToken cancellation)
    {
        await using var publisher = KafkaAccess.Publisher(options);
        await Task.WhenAll(
            FeedTasksAsync(publisher, cancellation),
            FeedSensorsAsync(publisher, cancellation),
            FeedCamerasAsync(publisher, cancellation),
            FeedDamagedAsync(publisher, cancellation));
    }

    private async Task FeedTasksAsync(RecordPublisher publisher, CancellationToken cancellation)
    {
        foreach (var task in _tasks)
        {
            await OracleLoop.PublishTaskAsync(publisher, task.Definition, cancellation);
        }
    }

    private async Task FeedSensorsAsync(RecordPublisher publisher, CancellationToken cancellation)
    {
        var file = Path.Combine(folder, "readings.csv");
        _sensors.WriteMasked(file);
        var source = await SensorCsvSource.OpenAsync(
            new SensorCsvOptions { Network = DemoSensors.Network, Path = file, Units = DemoSensors.Units, RowsPerRecord = 3 }, cancellation);
        await SourcePublishing.SendAsync(source, publisher, _ => { }, cancellation);
    }

    private async Task FeedCamerasAsync(RecordPublisher publisher, CancellationToken cancellation)
    {
        for (var camera = 0; camera < DemoCameras.Names.Count; camera++)
        {
            var film = Path.Combine(folder, $"{DemoCameras.Names[camera]}.mp4");
            await _cameras.EncodeAsync(camera, film, cancellation);
            foreach (var (clip, truth) in _cameras.Truths(camera).Index())
            {
                _truths.Know(DemoCameras.Names[camera], FilmStart + (clip * DemoCameras.ClipTime), truth);
            }

            var source = await VideoSource.OpenAsync(
                new VideoSourceOptions
                {
                    Camera = DemoCameras.Names[camera],
                    Source = film,
                    FramesPerSecond = DemoCameras.FramesPerSecond,
                    Start = FilmStart,
                },
                TimeProvider.System,
                cancellation);
            await SourcePublishing.SendAsync(source, publisher, _ => { }, cancellation);
        }
    }

    /// <summary>
    /// What the watched camera mostly sees, by asking the captioner. Captions that the pipeline has published by then are not used: the figure is what it
    /// costs where nobody has captioned yet.
    /// </summary>
    private async Task AskCaptionerAsync(CancellationToken cancellation)
    {
        var request = new CaptionTaskRequest(
            CaptionTaskRequest.Definition($"{DemoCameras.Watched}-object", CaptionAttribute.Find("object"), DemoTasks.CaptionDelta),
            DemoCameras.Watched,
            CaptionAttribute.Find("object"),
            UsePublished: false);
        using var task = await CaptionTask.OpenAsync(options, request, services.GetRequiredService<ICaptioner>(), cancellation);
        _watched = (request, await task.RunAsync(cancellation));
    }

    /// <summary>One unusable record a topic, to show where those go.</summary>
    private static async Task FeedDamagedAsync(RecordPublisher publisher, CancellationToken cancellation)
    {
        foreach (var (topic, key, type, value) in new[]
        {
            (Topics.VideoFrames, DemoCameras.Names[0] + "-damaged", EventTypes.VideoFrame, "not a JPEG"u8.ToArray()),
            (Topics.SensorSignals, DemoSensors.Network + "-damaged", EventTypes.SensorSignal, "not an Arrow stream"u8.ToArray()),
            (Topics.LabelSamples, "damaged", EventTypes.LabelSample, "{\"label\":\"no task\"}"u8.ToArray()),
        })
        {
            var envelope = new EventEnvelope($"damaged/{topic}", "/streams/demo", type, FilmStart);
            await publisher.PublishAsync(topic, key, envelope, value, ct: cancellation);
        }
    }

    /// <summary>Waits until grains and projector have caught up with all that was published, results of results included.</summary>
    private async Task DrainAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var before = Accounts().Sum(account => account.Published);
            var drained = Accounts().All(account => account.IsAccountedFor) && await IsProjectedAsync();
            if (drained && Accounts().Sum(account => account.Published) == before)
            {
                return;
            }

            await Task.Delay(PollInterval, cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private async Task<bool> IsProjectedAsync()
    {
        try
        {
            return await MissingResultsAsync() == 0;
        }
        catch (Exception e) when (e is StackExchange.Redis.RedisException or TimeoutException)
        {
            // A machine that is too busy to answer in time; the projector tries again as well.
            return false;
        }
    }

    private async Task DrawAsync(Dictionary<string, ProgressTask> bars, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            foreach (var account in Accounts())
            {
                var bar = bars[account.Topic];
                bar.MaxValue = Math.Max(1, account.Published);
                bar.Value = account.Applied + account.DeadLettered;
                bar.Description = $"{account.Topic} {account.Applied + account.DeadLettered}/{account.Published}";
            }

            await Task.Delay(PollInterval, CancellationToken.None);
        }
    }

    private List<TopicAccount> Accounts() =>
    [
        .. Topics.Sources.Select(topic =>
        {
            var pump = _pumps[topic];
            return new TopicAccount(topic, Records(topic), pump.Applied, pump.DeadLettered, Records(Topics.DeadLetter(topic)));
        }),
    ];

    private long Records(string topic)
    {
        lock (_partitions)
        {
            if (!_partitions.TryGetValue(topic, out var partitions))
            {
                using var admin = new DependentAdminClientBuilder(_ends.Handle).Build();
                _partitions[topic] = partitions = admin.GetMetadata(topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count;
            }

            return Enumerable.Range(0, partitions).Sum(partition =>
                _ends.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10)).High.Value);
        }
    }

    // Results on the results topics that Redis does not have yet. Nothing was killed here, so no result was published twice.
    private async Task<long> MissingResultsAsync()
    {
        var published = Topics.Results.Sum(Records);
        var projected = (await services.GetRequiredService<RedisResultStore>().GetCountsAsync(Topics.LiveRun)).Values.Sum();
        return published - projected;
    }

    private async Task<DemoReport> CountAsync()
    {
        var store = services.GetRequiredService<RedisResultStore>();
        foreach (var camera in DemoCameras.Names)
        {
            (await HistoryAsync<Caption>(store, Topics.VideoCaptions, camera)).ForEach(_truths.Compare);
        }

        var imputed = await HistoryAsync<ImputedReadings>(store, Topics.SensorImputed, DemoSensors.Network);
        var graphs = await HistoryAsync<LearnedGraph>(store, Topics.SensorGraphs, DemoSensors.Network);
        var modes = new List<(DemoTasks.DemoTask, LabelMode?)>();
        foreach (var task in _tasks)
        {
            modes.Add((task, (await HistoryAsync<LabelMode>(store, Topics.LabelModes, task.Definition.Task)).SingleOrDefault()));
        }

        var latencies = services.GetRequiredService<Latencies>();
        var graph = graphs.MaxBy(graph => graph.End);
        return new DemoReport
        {
            Captions = _truths.Accuracy!,
            Graph = graph,
            EdgeLengths = graph is null ? null : _sensors.MedianLengths(graph),
            Imputation = _sensors.Score(imputed),
            Withheld = _sensors.WithheldReadings,
            Modes = modes,
            Watched = _watched!.Value,
            WatchedTruth = _cameras.MostSeen(_watched.Value.Request.Attribute),
            Accounts = Accounts(),
            Results = await store.GetCountsAsync(Topics.LiveRun),
            MissingResults = await MissingResultsAsync(),
            Latencies = [.. Topics.Sources.Select(topic => (topic, latencies.Of(topic).Quantile(0.5), latencies.Of(topic).Quantile(0.99)))],
        };
    }

    private static async Task<List<T>> HistoryAsync<T>(RedisResultStore store, string topic, string key)
    {
        var page = await store.GetHistoryAsync(Topics.LiveRun, topic, key, new HistoryQuery { Limit = 1000 });
        return [.. page.Results.Select(result => System.Text.Json.JsonSerializer.Deserialize<T>(result.Data, ResultJson.Options)!)];
    }
}
