using System.Diagnostics;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Benchmarks.Captioning;

/// <summary>
/// SmolVLM2's shapes with random weights in bfloat16 on an NVIDIA GPU, through the batcher that cameras go through: eight frames of 512 pixels a clip, none seen
/// before, a prompt of 656 tokens and 64 new ones.
/// </summary>
internal static class GpuSection
{
    private const int Frames = 8;
    public const int PromptTokens = 656;
    private const int NewTokens = 64;
    public const int SlotTokens = 768;
    public const int ImageToken = 49190;

    // Page captioning.md, section f: frames and captions a second of the 500M shape on an H200.
    private const double Gate = 60;
    private const double Goal = 120;

    public static async Task RunAsync(CaptioningSettings settings)
    {
        if (!TryInitializeDeviceType(TorchSharp.DeviceType.CUDA))
        {
            settings.Say($"skipped: no CUDA here. On a machine with an NVIDIA GPU build with -p:TorchDevice=cuda, or publish with -p:TorchDevice=none and name PyTorch's torch/lib in STREAMS_TEST_LIBTORCH");
            return;
        }

        var device = TorchDevice.Resolve("cuda");
        var stages = new GpuStages(settings, device);
        settings.Say($"ceilings: {stages.Flops / 1e12:0} TFLOP/s in bfloat16 products of 8192, {stages.Bytes / 1e12:0.00} TB/s copied (read and written); CUDA graphs {(CudaGraph.IsSupported ? "there" : "not there")}");
        var compiling = Stopwatch.GetTimestamp();
        settings.Say(CudaKernels.TryGet(device) is null
            ? $"own kernels not there: {CudaKernels.WhyNot(device)}"
            : (FormattableString)$"own kernels compiled in {Stopwatch.GetElapsedTime(compiling).TotalMilliseconds:0} ms");
        var best = 0.0;
        foreach (var shape in new[] { SmolShape.Smol256, SmolShape.Smol500 }.Where(shape => shape.Name == (settings.Shape ?? shape.Name)))
        {
            using var model = shape.Create(device, ScalarType.BFloat16);
            List<Serving> runs = [new(64), new(8), new(1)];
            if (shape == SmolShape.Smol500)
            {
                // What each thing gives, and what more slots do.
                runs.InsertRange(0, [new(64) { Waits = false, Kernels = false }, new(64) { Kernels = false }, new(64) { Waits = false }, new(128), new(256)]);
                runs.AddRange([new(64) { Graphs = false }, new(64) { Deterministic = false }, new(64) { PerSecond = 80 }, new(64) { PerSecond = 80, Waits = false }]);
            }

            foreach (var kernels in new[] { false, true })
            {
                model.Fuse(kernels);
                stages.Run(shape, model);
            }

            foreach (var run in runs)
            {
                model.Fuse(run.Kernels);
                var captions = await ServeAsync(settings, shape, model, device, run);
                best = shape == SmolShape.Smol500 ? Math.Max(best, captions) : 0;
            }
        }

        settings.Promise(best >= Gate, $"500M: {best:0.0} captions/s, {best * Frames:0} frames/s", $"first gate {Gate} and {Gate * Frames:0}");
        settings.Promise(best >= Goal, $"500M: {best / Goal:0.00} of the goal", $"goal {Goal} and {Goal * Frames:0}");
    }

    private static async Task<double> ServeAsync(
        CaptioningSettings settings, SmolShape shape, VisionLanguageModel model, Device device, Serving run)
    {
        var batch = run.Batch;
        using var pixels = new PixelTensors(new SmolVlmImageConfig { TileSize = SmolShape.FrameSize, LongestEdge = SmolShape.FrameSize }, device, model.Kernels);
        var served = new ServedModel
        {
            Name = shape.Name,
            Model = model,
            Text = shape.Text,
            ImageTokenId = ImageToken,
            EndTokenIds = [],
            Pixels = frames => pixels.Normalize(frames, ScalarType.BFloat16),
            ImageSize = SmolShape.FrameSize,
            Device = device,
            Type = ScalarType.BFloat16,
            SlotTokens = SlotTokens,
            EncodeSizes = [8, .. new[] { 16, 32, 64 }.Where(size => size <= Frames * batch)],
            PromptMultiple = 64,
            Deterministic = run.Deterministic,
            Graphs = run.Graphs,
            StepsWait = run.Waits,
        };
        await using var batcher = new DeviceBatcher(long.MaxValue, device);
        var lane = batcher.Add(served, batch, 0);
        await CaptionAsync(batcher, lane, Math.Max(2, batch), 0); // lengths are tried, memory taken
        var clips = batch > 64 ? 4 * batch : 6 * batch;
        var requests = await PrepareAsync(clips, 1);
        using var stages = new StageTimes();
        var began = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(requests.Select(async (request, i) =>
        {
            if (run.PerSecond is { } rate)
            {
                await Task.Delay(TimeSpan.FromSeconds(i / rate));
            }

            var asked = Stopwatch.GetTimestamp();
            batcher.Submit(lane, request);
            await request.Result;
            return Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        }));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var captions = clips / seconds;
        if (run.PerSecond is { } steady)
        {
            Array.Sort(latencies);
            settings.Say($"{shape.Name} {run}: caption after {latencies[clips / 2]:0} ms in the median, {latencies[clips * 99 / 100]:0} ms for 99 of 100; {stages.Summary(seconds)}");
            return 0;
        }

        settings.Say($"{shape.Name} {run}: {captions:0.0} captions/s, {captions * Frames:0} frames/s, {captions * NewTokens:0} tokens/s; {stages.Summary(seconds)}; encode {lane.Encoder.Sizes}, {lane.Generator.Shapes}");
        return captions;
    }

    private static async Task CaptionAsync(DeviceBatcher batcher, ModelLane lane, int clips, int seed)
    {
        var requests = await PrepareAsync(clips, seed);
        requests.ForEach(request => batcher.Submit(lane, request));
        await Task.WhenAll(requests.Select(request => request.Result));
    }

    // As callers would, on their threads.
    private static Task<List<GenerationRequest>> PrepareAsync(int clips, int seed) => Task.Run(() => ParallelEnumerable.Range(0, clips).AsOrdered().Select(clip =>
    {
        var random = new Random((seed * 100_000) + clip);
        var images = Enumerable.Range(0, Frames).Select(_ =>
        {
            var pixels = new byte[SmolShape.FrameSize * SmolShape.FrameSize * 3];
            random.NextBytes(pixels);
            return new RgbFrame(default, SmolShape.FrameSize, SmolShape.FrameSize, pixels);
        }).ToList();
        var text = (PromptTokens / Frames) - SmolShape.FrameTokens;
        List<long> ids = [];
        for (var frame = 0; frame < Frames; frame++)
        {
            ids.AddRange(Enumerable.Range(0, text).Select(_ => (long)random.Next(1, 40_000)));
            ids.AddRange(Enumerable.Repeat((long)ImageToken, SmolShape.FrameTokens));
        }

        return new GenerationRequest($"{clip % 16}", ids, images, NewTokens, CancellationToken.None);
    }).ToList());

    /// <summary>How the batcher is run.</summary>
    private sealed record Serving(int Batch)
    {
        public bool Deterministic { get; init; } = true;

        public bool Graphs { get; init; } = true;

        public bool Kernels { get; init; } = true;

        public bool Waits { get; init; } = true;

        /// <summary>Clips that come a second; null for all at once.</summary>
        public double? PerSecond { get; init; }

        public override string ToString() => string.Concat(
            $"batch {Batch,3}", Deterministic ? "" : ", any size", Graphs ? "" : ", no graphs", Kernels ? "" : ", torch's kernels", Waits ? "" : ", steps do not wait", PerSecond is { } rate ? $", {rate:0} clips a second" : "");
    }
}
