using System.Diagnostics;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Preprocessing;
using Streams.Processors.Captioning.Serving;
using Streams.Processors.Captioning.Serving.Cuda;
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
    private const int PromptTokens = 656;
    private const int NewTokens = 64;
    private const int SlotTokens = 768;
    private const int ImageToken = 49190;

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
        var (flops, bytes) = Ceilings(device);
        settings.Say($"ceilings: {flops / 1e12:0} TFLOP/s in bfloat16 products of 8192, {bytes / 1e12:0.00} TB/s copied (read and written); CUDA graphs {(CudaGraph.IsSupported ? "there" : "not there")}");
        var best = 0.0;
        foreach (var shape in new[] { SmolShape.Smol256, SmolShape.Smol500 })
        {
            using var model = shape.Create(device, ScalarType.BFloat16);
            model.FuseProjections();
            Stages(settings, shape, model, device, flops, bytes);
            List<(int Batch, bool Deterministic, bool Graphs)> runs = [(1, true, true), (8, true, true), (64, true, true)];
            if (shape == SmolShape.Smol500)
            {
                runs.AddRange([(128, true, true), (256, true, true), (64, true, false), (64, false, true)]);
            }

            foreach (var (batch, deterministic, graphs) in runs)
            {
                var captions = await ServeAsync(settings, shape, model, device, batch, deterministic, graphs);
                best = shape == SmolShape.Smol500 ? Math.Max(best, captions) : 0;
            }
        }

        settings.Promise(best >= Gate, $"500M: {best:0.0} captions/s, {best * Frames:0} frames/s", $"first gate {Gate} and {Gate * Frames:0}");
        settings.Promise(best >= Goal, $"500M: {best / Goal:0.00} of the goal", $"goal {Goal} and {Goal * Frames:0}");
    }

    private static async Task<double> ServeAsync(
        CaptioningSettings settings, SmolShape shape, VisionLanguageModel model, Device device, int batch, bool deterministic, bool graphs)
    {
        using var pixels = new PixelTensors(new SmolVlmImageConfig { TileSize = SmolShape.FrameSize, LongestEdge = SmolShape.FrameSize }, device);
        var served = new ServedModel
        {
            Name = shape.Name,
            Model = model,
            Text = shape.Text,
            ImageTokenId = ImageToken,
            EndTokenIds = [],
            Pixels = frames => pixels.Normalize(frames).to(ScalarType.BFloat16),
            ImageSize = SmolShape.FrameSize,
            Device = device,
            Type = ScalarType.BFloat16,
            SlotTokens = SlotTokens,
            EncodeSizes = [8, .. new[] { 16, 32, 64 }.Where(size => size <= Frames * batch)],
            PromptMultiple = 64,
            Deterministic = deterministic,
            Graphs = graphs,
        };
        await using var batcher = new DeviceBatcher(long.MaxValue, device);
        var lane = batcher.Add(served, batch, 0);
        await CaptionAsync(batcher, lane, Math.Max(2, batch), 0); // lengths are tried, memory taken
        var clips = batch > 64 ? 4 * batch : 6 * batch;
        var requests = await PrepareAsync(clips, 1);
        using var stages = new StageTimes();
        var began = Stopwatch.GetTimestamp();
        requests.ForEach(request => batcher.Submit(lane, request));
        await Task.WhenAll(requests.Select(request => request.Result));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var captions = clips / seconds;
        settings.Say($"{shape.Name} batch {batch,3}{(deterministic ? "" : ", any size")}{(graphs ? "" : ", no graphs")}: {captions:0.0} captions/s, {captions * Frames:0} frames/s, {captions * NewTokens:0} tokens/s; {stages.Summary(seconds)}; encode {lane.Encoder.Sizes}, {lane.Generator.Shapes}");
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

    // Each stage by itself, in one stream: what the device takes.
    private static void Stages(CaptioningSettings settings, SmolShape shape, VisionLanguageModel model, Device device, double flops, double bytes)
    {
        using var guard = inference_mode();
        using var scope = NewDisposeScope();
        var perFrame = FramePower();
        var perToken = 2.0 * model.Language.parameters().Sum(parameter => parameter.numel());
        foreach (var batch in new[] { 8, 64 })
        {
            var pixels = randn([batch, 3, SmolShape.FrameSize, SmolShape.FrameSize], ScalarType.BFloat16, device);
            var encode = Seconds(() => model.VisualTokens(pixels)) / batch;
            settings.Say($"{shape.Name} encode {batch} frames at once: {1 / encode:0} frames/s, {perFrame / encode / flops:0.00} of the products' ceiling");
        }

        Parts(settings, model, device);
        foreach (var batch in new[] { 1, 8, 16 })
        {
            var prompt = randn([batch, PromptTokens, shape.Text.HiddenSize], ScalarType.BFloat16, device);
            var prefill = Seconds(() => model.Language.Hidden(prompt, new KeyValueCache(shape.Text, batch, PromptTokens, device, ScalarType.BFloat16))) / batch;
            settings.Say($"{shape.Name} prefill {batch} x {PromptTokens}: {PromptTokens / prefill:0} tokens/s, {perToken * PromptTokens / prefill / flops:0.00} of the products' ceiling");
        }

        foreach (var batch in new[] { 4, 64, 128, 256 })
        {
            using var cache = new SlotCache(shape.Text, batch, SlotTokens, device, ScalarType.BFloat16);
            var served = new ServedModel
            {
                Name = shape.Name,
                Model = model,
                Text = shape.Text,
                ImageTokenId = ImageToken,
                EndTokenIds = [],
                Pixels = _ => throw new NotSupportedException("decoding needs no pictures"),
                ImageSize = SmolShape.FrameSize,
                Device = device,
                Type = ScalarType.BFloat16,
                SlotTokens = SlotTokens,
                EncodeSizes = [1],
            };
            long[] ids = [.. Enumerable.Range(5, batch)], positions = [.. Enumerable.Repeat((long)PromptTokens, batch)];
            // What a step must read: the weights, two bytes each, and the slots' keys and values.
            var least = (perToken + (batch * (double)SlotCache.SlotBytes(shape.Text, SlotTokens, ScalarType.BFloat16))) / bytes;
            foreach (var graphs in batch == 64 ? new[] { false, true } : [true])
            {
                using var step = new DecodeStep(served with { Graphs = graphs }, cache, 0, batch);
                var seconds = Seconds(() => step.Run(ids, positions));
                settings.Say($"{shape.Name} decode {batch,3}{(graphs ? " as a graph" : "")}: {1000 * seconds:0.00} ms a step, {batch / seconds:0} tokens/s, {least / seconds:0.00} of the bandwidth's ceiling");
            }
        }
    }

    // Where the encoder's time goes: one layer's parts, for 64 frames.
    private static void Parts(CaptioningSettings settings, VisionLanguageModel model, Device device)
    {
        var pixels = randn([64, 3, SmolShape.FrameSize, SmolShape.FrameSize], ScalarType.BFloat16, device);
        var hidden = randn([64, 1024, 768], ScalarType.BFloat16, device);
        var wide = randn([64, 1024, 3072], ScalarType.BFloat16, device);
        var all = randn([64, 1024, 3 * 768], ScalarType.BFloat16, device);
        Tensor Heads(int third) => all.narrow(2, third * 768, 768).view(64, 1024, 12, 64).transpose(1, 2);
        var (up, bias) = (randn([3072, 768], ScalarType.BFloat16, device), randn([3072], ScalarType.BFloat16, device));
        var norm = randn([768], ScalarType.BFloat16, device);
        var patches = 1000 * Seconds(() => model.Vision.Transformer.Embeddings.forward(pixels, null));
        var attention = 1000 * Seconds(() => nn.functional.scaled_dot_product_attention(Heads(0), Heads(1), Heads(2)));
        var product = 1000 * Seconds(() => Projections.AsRows(hidden, rows => nn.functional.linear(rows, up, bias)));
        var gelu = 1000 * Seconds(() => nn.functional.gelu(wide, TorchSharp.Modules.GELU.Approximate.tanh, inplace: false));
        var normalise = 1000 * Seconds(() => nn.functional.layer_norm(hidden, [768], norm, norm, 1e-6));
        var add = 1000 * Seconds(() => hidden.add(hidden));
        settings.Say($"encoder, 64 frames: patches {patches:0.00} ms; of each of 12 layers attention {attention:0.00}, one of the MLP's two products {product:0.00}, gelu {gelu:0.00}, one of two norms {normalise:0.00}, one of two sums {add:0.00} ms");
    }

    // Of SigLIP's products and attention, a frame.
    private static double FramePower()
    {
        var (tokens, width, wide) = (1024.0, (double)SmolShape.Vision.HiddenSize, (double)SmolShape.Vision.IntermediateSize);
        var layer = (2 * tokens * ((4 * width * width) + (2 * width * wide))) + (4 * tokens * tokens * width);
        return (SmolShape.Vision.NumHiddenLayers * layer) + (2 * tokens * width * width);
    }

    private static (double Flops, double Bytes) Ceilings(Device device)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn([8192, 8192], ScalarType.BFloat16, device), randn([8192, 8192], ScalarType.BFloat16, device));
        var product = Seconds(() => a.matmul(b));
        var large = rand([1L << 31], ScalarType.BFloat16, device);
        var target = empty_like(large);
        var copy = Seconds(() => target.copy_(large));
        return (2 * Math.Pow(8192, 3) / product, 2.0 * large.numel() * 2 / copy);
    }

    private static double Seconds(Action run)
    {
        const int Repeats = 10;
        void Many(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var scope = NewDisposeScope();
                run();
            }

            cuda.synchronize();
        }

        Many(3);
        var best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var began = Stopwatch.GetTimestamp();
            Many(Repeats);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds / Repeats);
        }

        return best;
    }
}
