using System.Diagnostics;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Vision;
using static TorchSharp.torch;

namespace Streams.Benchmarks.Captioning;

/// <summary>
/// SmolVLM2 256M's shape with random weights, one frame of 512 pixels and a prompt of eight frames' length: each stage's time, and the time of its matrix
/// products alone, of the same sizes with the same weights.
/// </summary>
internal static class ProductsSection
{
    private const double Goal = 0.7;
    private const int PromptTokens = 656;
    private const int NewTokens = 16;

    private static readonly SmolShape Shape = SmolShape.Smol256;
    private static readonly VisionConfig Vision = SmolShape.Vision;
    private static readonly TextConfig Text = Shape.Text;

    public static void Run(CaptioningSettings settings)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        using var model = Shape.Create(CPU, ScalarType.Float32);
        var (pixels, prompt, token) = (randn(1, 3, 512, 512), randn(1, PromptTokens, Text.HiddenSize), randn(1, 1, Text.HiddenSize));
        var cache = new KeyValueCache(Text, 1, PromptTokens + (2 * NewTokens), CPU);
        model.Language.Hidden(prompt, cache);
        var stages = new (string Name, int Times, Action Whole, List<Action> Products)[]
        {
            ("encode", 1, () => model.VisualTokens(pixels), EncoderProducts(model)),
            ("prefill", 1, () => Logits(prompt, null), DecoderProducts(model, PromptTokens, PromptTokens)),
            ("token", NewTokens, () => Logits(token, cache), DecoderProducts(model, 1, PromptTokens)),
        };
        void Logits(Tensor embeddings, KeyValueCache? cached) =>
            model.Language.Logits(model.Language.Hidden(embeddings, cached).select(1, embeddings.shape[1] - 1));
        var (whole, products) = (0.0, 0.0);
        foreach (var (name, times, run, parts) in stages)
        {
            var (all, alone) = (Seconds(run), Seconds(() => parts.ForEach(part => part())));
            settings.Say($"{name,-8}{1000 * all,9:0.0} ms, its products {1000 * alone,9:0.0} ms: {Math.Min(1, alone / all):0.00}");
            whole += times * all;
            products += times * alone;
        }

        settings.Promise(
            products / whole >= Goal,
            $"one frame, {PromptTokens} tokens of prompt, {NewTokens} new ones: {Math.Min(1, products / whole):0.00} of the time in matrix products",
            $"at least {Goal}");
    }

    private static List<Action> EncoderProducts(VisionLanguageModel model)
    {
        var (x, wide, shuffled, patches) = (randn(1, 1024, 768), randn(1, 1024, 3072), randn(1, 64, 12288), randn(1024, 768));
        var (q, k, p) = (randn(12, 1024, 64), randn(12, 64, 1024), rand(12, 1024, 1024));
        var products = new List<Action> { () => patches.matmul(patches.narrow(0, 0, 768)) }; // the patch embedding: 768 pixels to 768
        foreach (var weight in Matrices(model, "vision_tower.vision_model.encoder.layers").Concat(Matrices(model, "connector")))
        {
            var input = weight.shape[1] == 768 ? x : weight.shape[1] == 3072 ? wide : shuffled;
            products.Add(() => Projections.Project(input, weight, null));
        }

        for (var layer = 0; layer < Vision.NumHiddenLayers; layer++)
        {
            products.Add(() => q.matmul(k));
            products.Add(() => p.matmul(q));
        }

        return products;
    }

    private static List<Action> DecoderProducts(VisionLanguageModel model, int count, int seen)
    {
        var (x, wide) = (randn(1, count, 576), randn(1, count, 1536));
        var (q, k, v, p) = (randn(9, count, 64), randn(9, 64, seen), randn(9, seen, 64), rand(9, count, seen));
        var products = new List<Action>();
        foreach (var weight in Matrices(model, "language_model.model.layers").Concat(Matrices(model, "language_model.lm_head")))
        {
            var input = weight.shape[0] == Text.VocabSize ? x.narrow(1, 0, 1) : weight.shape[1] == 576 ? x : wide;
            products.Add(() => Projections.Project(input, weight, null));
        }

        for (var layer = 0; layer < Text.NumHiddenLayers; layer++)
        {
            products.Add(() => q.matmul(k));
            products.Add(() => p.matmul(v));
        }

        return products;
    }

    private static List<Tensor> Matrices(VisionLanguageModel model, string part)
    {
        var matrices = model.named_parameters().Where(entry => entry.parameter.dim() == 2 && entry.name.StartsWith(part, StringComparison.Ordinal)).ToList();
        return matrices.Count > 0 ? [.. matrices.Select(entry => (Tensor)entry.parameter)] : throw new InvalidOperationException($"no weights in {part}");
    }

    private static double Seconds(Action run)
    {
        var best = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            using var scope = NewDisposeScope();
            var began = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return best;
    }
}
