using System.Text.Json;
using Streams.EndToEnd.Support;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.Demo;
using Streams.Host.Oracles;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas;
using Streams.Schemas.Frames;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.EndToEnd.Oracles;

/// <summary>The shipped captioner as the oracle of a task over a camera's clips, against a host process.</summary>
[Collection(SharedHostCollection.Name)]
public sealed class CaptionTaskTests(SharedHost shared)
{
    private const string Camera = "watched";
    private const int Clips = 36;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly CaptionAttribute MainObject = CaptionAttribute.Find("object");

    [Fact]
    public async Task RunAsync_StoppedInTheMiddle_TheNextFindsTheModeOfAllClipsFromFewerCaptions()
    {
        var host = shared.Host;
        await PublishFilmAsync(host, "H264", Clips);
        await using var model = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var options = Options(host);
        var request = new CaptionTaskRequest(CaptionTaskRequest.Definition("watched-object", MainObject, 0.05), Camera, MainObject, UsePublished: false);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var first = new CountingCaptioner(model, stopAfter: 3, stop);
        using (var task = await CaptionTask.OpenAsync(options, request, first, stop.Token))
        {
            Assert.Equal(Clips, task.Pool.Clips.Count);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.RunAsync(stop.Token));
        }

        // What the camera sends meanwhile is not in the pool.
        await PublishFilmAsync(host, "Jpeg", Clips / 6);
        var second = new CountingCaptioner(model);
        using var resumed = await CaptionTask.OpenAsync(options, request, second, TestContext.Current.CancellationToken);
        Assert.Equal((Clips, 3), (resumed.Pool.Clips.Count, resumed.Known));
        var summary = await resumed.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(summary.CaptionedByModel, first.Calls + second.Calls);
        Assert.InRange(summary.CaptionedByModel, 4, Clips - 1);
        Assert.Equal((0, Clips - summary.CaptionedByModel), (summary.CaptionedByPipeline, summary.ModelCallsSaved));

        // The pipeline captions them all, as the oracle did where it was asked.
        var captions = await PublishedAsync(host, resumed);
        Assert.Equal(LabelModeStatus.Decided, summary.Mode.Status);
        Assert.Equal(captions.Select(caption => MainObject.LabelOf(caption.Text)).CountBy(label => label).MaxBy(pair => pair.Value).Key, summary.Mode.Mode);
        Assert.All(first.Captions.Concat(second.Captions), own =>
        {
            var caption = Assert.Single(captions, caption => caption.Start == own.Start);
            Assert.Equal((caption.Text, caption.Confidence, caption.Model), (own.Caption.Text, own.Caption.Confidence, own.Caption.Model));
        });
        using var log = new CaptionTaskLog(options, request.Task.Task);
        log.Refresh(TestContext.Current.CancellationToken);
        Assert.Equal(summary.CaptionedByModel, log.Answers.Count);
        Assert.All(log.Answers, answer => Assert.Equal(MainObject.LabelOf(captions[answer.Key].Text), answer.Value.Label));

        await AskAgainAsync(options, resumed, new CountingCaptioner(model), captions);
        await OthersAsync(options, request, model);
        await CommandsAsync(host, summary, resumed.Source.End);
    }

    // The task's name stands for something else.
    private static async Task OthersAsync(StreamsOptions options, CaptionTaskRequest request, TorchCaptioner model)
    {
        foreach (var (other, says) in ((CaptionTaskRequest, string)[])
        [
            (request with { Attribute = CaptionAttribute.Find("colour") }, "asks for object, not colour"),
            (request with { Task = request.Task with { Delta = 0.2 } }, "was opened with delta 0.05, not 0.2"),
            (request with { Task = request.Task with { Rule = LabelRules.OneSided } }, "was opened with rule none, not os-1v1"),
        ])
        {
            var refused = await Assert.ThrowsAsync<StreamsException>(() => CaptionTask.OpenAsync(options, other, model, TestContext.Current.CancellationToken));
            Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AskAgainAsync(StreamsOptions options, CaptionTask task, CountingCaptioner captioner, List<Caption> captions)
    {
        using var oracle = new CaptionOracle(options, task.Source, task.Pool, captioner, null, new Dictionary<int, LabelSample>());
        for (var query = 0; query < 3; query++)
        {
            var answer = await oracle.AnswerAsync(
                new LabelQuery(task.Name, LabelQueryKind.Ask, query, Clips - 1, new LabelProgress(0, null, 0, 0, 0)), TestContext.Current.CancellationToken);
            Assert.Equal(new LabelSample(task.Name, $"{Clips - 1}", MainObject.LabelOf(captions[^1].Text), $"captioner/{captioner.ModelName}", query), answer);
        }

        Assert.Equal(1, captioner.Calls);
    }

    // By now every clip has a published caption: the command needs the model for none.
    private static async Task CommandsAsync(HostProcess host, CaptionTaskSummary before, long end)
    {
        string[] command = ["oracle", "captions", "--camera", Camera, "--kafka", host.Kafka, "--json"];
        string[] motion = [.. command, "--task", "watched-motion", "--attribute", "motion", "--delta", "0.1", "--max", "30", "--to", $"{end}"];
        var opened = await RunAsync(motion);
        Assert.Equal((0, Clips), (opened.GetProperty("captionedByModel").GetInt32(), opened.GetProperty("modelCallsSaved").GetInt32()));
        Assert.InRange(opened.GetProperty("captionedByPipeline").GetInt32(), 2, 30);

        // A task that has ended answers at once, with what it found.
        var same = await RunAsync([.. command, "--task", "watched-object"]);
        Assert.Equal(JsonSerializer.Serialize(before, ResultJson.Options), same.GetRawText());

        foreach (var (arguments, says) in ((string[], string)[])
        [
            ([.. command, "--task", "watched-object", "--delta", "0.2"], "was opened with delta 0.05, not 0.2"),
            (["oracle", "captions", "--camera", "nobody", "--task", "other", "--kafka", host.Kafka], "Camera nobody has no clips"),
        ])
        {
            var (exitCode, _, error) = await HostProcess.RunAsync(arguments);
            Assert.Equal(1, exitCode);
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.Single(error.Trim().Split('\n'));
        }
    }

    private static async Task<JsonElement> RunAsync(string[] arguments)
    {
        var (exitCode, output, error) = await HostProcess.RunAsync(arguments);
        Assert.True(exitCode == 0, error);
        using var json = JsonDocument.Parse(output);
        return json.RootElement.Clone();
    }

    private static StreamsOptions Options(HostProcess host) =>
        StreamsConfiguration.Load(new Dictionary<string, string?> { ["Streams:Kafka:BootstrapServers"] = host.Kafka });

    private static async Task PublishFilmAsync(HostProcess host, string codec, int clips)
    {
        var film = Path.Combine(host.DataDirectory, "film.mp4");
        await new DemoCameras(clips / 3).EncodeAsync(DemoCameras.Names.ToList().IndexOf(DemoCameras.Watched), film, TestContext.Current.CancellationToken);
        var (exitCode, _, error) = await HostProcess.RunAsync(
            "publish", "video", "--camera", Camera, "--source", film, "--fps", $"{DemoCameras.FramesPerSecond}", "--codec", codec, "--json", "--kafka", host.Kafka);
        Assert.True(exitCode == 0, error);
    }

    // The captions that the pipeline has published of the task's pool, in its order.
    private static async Task<List<Caption>> PublishedAsync(HostProcess host, CaptionTask task)
    {
        var ids = task.Pool.Clips
            .Select(clip => new ResultId(Topics.LiveRun, Topics.VideoFrames, task.Source.Partition, clip.ResultOffset, clip.ResultNumber).ToString()).ToList();
        SortedDictionary<string, string> results = [];
        await Eventually.TrueAsync(
            () =>
            {
                results = KafkaTopic.ReadResults(host.Kafka, Topics.VideoCaptions);
                return Task.FromResult(ids.All(results.ContainsKey));
            },
            Patience,
            () => host.Output);
        return [.. ids.Select(id => JsonSerializer.Deserialize<Caption>(results[id], ResultJson.Options)!)];
    }

    /// <summary>Counts what the model is asked; after <paramref name="stopAfter"/> clips the process that asks is stopped.</summary>
    private sealed class CountingCaptioner(TorchCaptioner model, int stopAfter = int.MaxValue, CancellationTokenSource? stop = null) : ICaptioner
    {
        public string ModelName => model.ModelName;

        public int Calls => Captions.Count;

        public List<(DateTimeOffset Start, GeneratedCaption Caption)> Captions { get; } = [];

        public async ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken)
        {
            if (Calls == stopAfter)
            {
                await stop!.CancelAsync();
            }

            cancellationToken.ThrowIfCancellationRequested();
            var caption = await model.CaptionAsync(clip, cancellationToken);
            Captions.Add((clip[0].CaptureTime, caption));
            return caption;
        }
    }
}
