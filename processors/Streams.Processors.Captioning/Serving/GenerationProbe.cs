using Streams.Processors.Captioning.Decoder;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>Finds the batch sizes of prefill and decoding that give each sequence the same bits. See <see cref="BatchSizes"/>.</summary>
internal static class GenerationProbe
{
    private const int PromptTokens = 32;

    /// <summary>
    /// Sequences in one decoding step. Four at least: products with fewer rows go through other kernels (matrix by vector) that sum in another order.
    /// </summary>
    public static IReadOnlyList<int> DecodeSizes { get; } = [4, 8, 16, 32, 64, 128, 256];

    /// <summary>
    /// Rows of a cache for <paramref name="slots"/> sequences of which the budget holds <paramref name="fitting"/>: a multiple of the smallest step. Where that
    /// does not fit, sequences are decoded one by one, deterministic too, but not to the last digit as with more.
    /// </summary>
    public static int Rows(int slots, int fitting)
    {
        var smallest = DecodeSizes[0];
        var rounded = (slots + smallest - 1) / smallest * smallest;
        return rounded <= fitting ? rounded : fitting >= smallest ? fitting / smallest * smallest : fitting;
    }

    /// <summary>Prompts of <paramref name="length"/> tokens in one prefill.</summary>
    public static BatchSizes Prefill(ServedModel model, int slots, int length)
    {
        List<int> sizes = [1, .. new[] { 2, 4, 8, 16 }.Where(size => size <= slots)];
        if (!model.Deterministic)
        {
            return BatchSizes.Any(sizes);
        }

        using var scope = NewDisposeScope();
        var embeddings = Random(sizes[^1], length, model.Text.HiddenSize, model);
        return BatchSizes.Probe(sizes, items =>
        {
            var cache = new KeyValueCache(model.Text, items.Length, length, model.Device, model.Type);
            var hidden = PrefillStep.Hidden(model, embeddings.index_select(0, Index(items, model)), Index([.. items.Select((_, i) => ((i + 1) * length) - 1)], model), cache);
            // The last layer's keys and values hang on all layers before it.
            var (keys, values) = cache.Held(model.Text.NumHiddenLayers - 1);
            return cat([hidden, keys.flatten(1), values.flatten(1)], 1);
        }, model.LikesLargeBatches);
    }

    public static BatchSizes Decode(ServedModel model, SlotCache cache)
    {
        var sizes = DecodeSizes.Where(size => size <= cache.Slots).ToList();
        if (sizes.Count == 0)
        {
            return BatchSizes.OneByOne;
        }

        if (!model.Deterministic)
        {
            return BatchSizes.Any(sizes);
        }

        using var scope = NewDisposeScope();
        var tokens = Math.Min(PromptTokens, cache.Capacity - 1);
        var prompt = new KeyValueCache(model.Text, sizes[^1], tokens, model.Device, model.Type);
        model.Model.Language.Hidden(Random(sizes[^1], tokens, model.Text.HiddenSize, model), prompt);
        var next = Random(sizes[^1], 1, model.Text.HiddenSize, model);
        var found = BatchSizes.Probe(sizes, items =>
        {
            cache.Fill([.. Enumerable.Range(0, items.Length)], prompt, items);

            // Of different lengths, as sequences are.
            var positions = tensor([.. items.Select(item => (long)tokens - (item % tokens))], device: model.Device);
            var hidden = model.Model.Language.Step(next.index_select(0, Index(items, model)), cache.Step(0, positions)).select(1, 0);
            return cat([hidden, model.Model.Language.Logits(hidden.contiguous())], 1);
        }, model.LikesLargeBatches);
        for (var slot = 0; slot < cache.Slots; slot++)
        {
            cache.Clear(slot);
        }

        return found;
    }

    private static Tensor Index(int[] items, ServedModel model) => tensor(items, dtype: ScalarType.Int64, device: model.Device);

    // Not torch's own generator: who seeds that one counts on its numbers.
    private static Tensor Random(long rows, long columns, long width, ServedModel model)
    {
        var random = new Random(1);
        return tensor([.. Enumerable.Range(0, (int)(rows * columns * width)).Select(_ => (float)(random.NextDouble() - 0.5))], device: model.Device)
            .to(model.Type).view(rows, columns, width);
    }
}
