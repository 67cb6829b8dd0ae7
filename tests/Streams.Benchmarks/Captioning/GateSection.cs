using Streams.Ingest.Sources.Media;
using Streams.Processors.Captioning;
using Streams.Processors.Captioning.Cameras;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Envelope;
using Streams.Schemas.Frames;
using Streams.Schemas.Processing;

namespace Streams.Benchmarks.Captioning;

/// <summary>
/// The scene gate over the fixed cameras of shared/data/video; and over rendered scenes with the noise of a camera: what rests must
/// pass as unchanged, what moves, blinks, comes, goes or has moved must not.
/// </summary>
internal static class GateSection
{
    private const double Noise = 5; // levels of 255, standard deviation
    private static readonly CaptioningOptions Options = new();

    public static async Task RunAsync(CaptioningSettings settings)
    {
        await VideosAsync(settings);
        await ChangesAsync(settings);
    }

    // A clip every four seconds, and two clips a second.
    private static async Task VideosAsync(CaptioningSettings settings)
    {
        foreach (var path in Directory.GetFiles(settings.Video, "*.mp4").Order(StringComparer.Ordinal))
        {
            var file = await VideoFile.OpenAsync(path, CancellationToken.None);
            foreach (var rate in new[] { 2.0, 16.0 })
            {
                var step = Math.Max(1, file.FramesPerSecond / rate);
                var records = new List<InputRecord>();
                // ffmpeg selects by an expression with a term a frame, which must not be long.
                foreach (var indices in Enumerable.Range(0, (int)(file.Frames / step)).Select(i => (int)(i * step)).Chunk(80))
                {
                    await foreach (var frame in file.ReadAsync(indices))
                    {
                        var (width, height) = AreaScaler.Fit(frame.Width, frame.Height, 160); // what is kept of it all the same
                        records.Add(Record(records.Count, AreaScaler.Scale(frame, width, height)));
                    }
                }

                var asked = new CountingCaptioner();
                var processor = new CaptioningProcessorFactory(asked, Options).Create("gate", null);
                var clips = (await processor.ApplyAsync(records, CancellationToken.None)).Results.Count;
                var saved = (double)(clips - asked.Calls) / clips;
                settings.Say($"{Path.GetFileName(path)}, {file.FramesPerSecond / step:0.0} frames/s: {clips} clips, {asked.Calls} captioned, {saved:0%} saved");
            }
        }
    }

    private static async Task ChangesAsync(CaptioningSettings settings)
    {
        var (still, stillGated, changed, missed) = (0, 0, 0, new Dictionary<string, int>());
        var random = new Random((int)settings.Seed);
        for (var index = 0; index < settings.Clips / 3; index++)
        {
            var scene = ClipScenes.Create(settings.Seed, index);
            var moves = scene.Caption.Contains("moves", StringComparison.Ordinal) || scene.Caption.Contains("blinks", StringComparison.Ordinal);
            List<(string Kind, Func<int, RgbFrame> Frame)> kinds = [("comes", tick => Render(settings.Seed, index + 100_000, 0))];
            if (moves)
            {
                kinds.Add(("begins to move", tick => SceneRenderer.RenderFrame(scene, tick, 48)));
                kinds.Add(("has moved in two ticks", _ => SceneRenderer.RenderFrame(scene, 2, 48)));
            }

            foreach (var (kind, frame) in kinds)
            {
                // A rest that is captioned, a rest that is not, and the change.
                var asked = new CountingCaptioner();
                var processor = new CaptioningProcessorFactory(asked, Options).Create("gate", null);
                var rest = Enumerable.Range(0, 16).Select(_ => SceneRenderer.RenderFrame(scene, 0, 48));
                await processor.ApplyAsync([.. rest.Select((picture, i) => Record(i, Noisy(picture, random)))], CancellationToken.None);
                still++;
                stillGated += asked.Calls == 1 ? 1 : 0;
                var before = asked.Calls;
                await processor.ApplyAsync([.. Enumerable.Range(0, 8).Select(i => Record(16 + i, Noisy(frame(i), random)))], CancellationToken.None);
                changed++;
                missed[kind] = missed.GetValueOrDefault(kind) + (asked.Calls == before ? 1 : 0);
            }
        }

        settings.Say($"rendered, noise of {Noise} levels: {stillGated} of {still} rests known as such");
        var byKind = string.Join(", ", missed.Select(entry => $"{entry.Key} {entry.Value}"));
        settings.Promise(missed.Values.Sum() == 0, $"{changed} known changes: missed {byKind}", "none");
    }

    private static RgbFrame Render(ulong seed, int index, double tick) => SceneRenderer.RenderFrame(ClipScenes.Create(seed, index), tick, 48);

    private static RgbFrame Noisy(RgbFrame frame, Random random)
    {
        var pixels = frame.Pixels.ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            pixels[i] = (byte)Math.Clamp(pixels[i] + (Noise * normal) + 0.5, 0, 255);
        }

        return frame with { Pixels = pixels };
    }

    private static InputRecord Record(int i, RgbFrame frame)
    {
        var time = DateTimeOffset.UnixEpoch.AddSeconds(i / 2.0);
        return new InputRecord(0, i, time, EventTypes.VideoFrame, RgbFrameCodec.Encode([frame with { CaptureTime = time }]));
    }

    private sealed class CountingCaptioner : ICaptioner
    {
        public string ModelName => "none";

        public int Calls { get; private set; }

        public ValueTask<GeneratedCaption> CaptionAsync(IReadOnlyList<RgbFrame> clip, CancellationToken cancellationToken)
        {
            Calls++;
            return ValueTask.FromResult(new GeneratedCaption("", 1, ModelName));
        }
    }
}
