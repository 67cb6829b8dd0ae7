using System.Diagnostics;
using Streams.Processors.Captioning.Cuda;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>Turns the images of several requests into visual tokens together. Belongs to one thread.</summary>
internal sealed class ImageEncoder(ServedModel model, long cacheBytes) : IDisposable
{
    private readonly EmbeddingCache _cache = new(cacheBytes);

    /// <summary>Images in one pass of the encoder.</summary>
    public BatchSizes Sizes { get; } = Probe(model);

    /// <summary>Bytes of kept visual tokens.</summary>
    public long CacheBytes => _cache.Bytes;

    /// <summary>Gives each request its visual tokens. Who cannot be encoded fails alone; who was given up is done with. Gives the others.</summary>
    public List<GenerationRequest> Encode(IReadOnlyList<GenerationRequest> requests)
    {
        var wanted = requests.Where(request => !request.IsGivenUp()).ToList();
        try
        {
            EncodeTogether(wanted);
            return wanted;
        }
        catch (Exception e) when (wanted.Count == 1)
        {
            wanted[0].Fail(e);
            return [];
        }
        catch (Exception)
        {
            return [.. wanted.SelectMany(request => Encode([request]))];
        }
    }

    public void Dispose() => _cache.Dispose();

    private void EncodeTogether(IReadOnlyList<GenerationRequest> requests)
    {
        using var scope = NewDisposeScope();
        var began = Stopwatch.GetTimestamp();
        var tokens = new Dictionary<string, Tensor>();
        var missing = new Dictionary<string, RgbFrame>();
        foreach (var (key, image) in requests.SelectMany(request => request.ImageKeys.Zip(request.Images)))
        {
            if (!tokens.ContainsKey(key) && !missing.ContainsKey(key))
            {
                if (_cache.Find(key) is { } kept)
                {
                    tokens[key] = kept;
                }
                else
                {
                    missing[key] = image;
                }
            }
        }

        foreach (var (key, encoded) in missing.Keys.Zip(Run(model, Sizes, [.. missing.Values])))
        {
            tokens[key] = encoded;
            _cache.Add(key, encoded);
        }

        foreach (var request in requests.Where(request => request.Images.Count > 0))
        {
            request.Visual = cat([.. request.ImageKeys.Select(key => tokens[key])], 0).DetachFromDisposeScope();
            request.VisualReady = CudaEvent.TryRecord(model.Device);
        }

        ServingMetrics.Encoded(model.Name, began, missing.Count, requests.Sum(request => request.Images.Count) - missing.Count);
    }

    // (1, queries, D) each.
    private static IEnumerable<Tensor> Run(ServedModel model, BatchSizes sizes, IReadOnlyList<RgbFrame> images)
    {
        foreach (var (first, items, size) in sizes.Plan(images.Count, sparing: !model.LikesLargeBatches))
        {
            var filled = Enumerable.Range(first, size).Select(i => images[Math.Min(i, images.Count - 1)]).ToList();
            var encoded = Forward(model, filled);
            for (var i = 0; i < items; i++)
            {
                yield return encoded.narrow(0, i, 1);
            }
        }
    }

    private static Tensor Forward(ServedModel model, IReadOnlyList<RgbFrame> images)
    {
        using var scope = NewDisposeScope();
        return model.Model.VisualTokens(model.Pixels(images)).MoveToOuterDisposeScope();
    }

    private static BatchSizes Probe(ServedModel model)
    {
        if (model.EncodeSizes is [1] || !model.Deterministic)
        {
            return BatchSizes.Any(model.EncodeSizes);
        }

        var random = new Random(1);
        var images = Enumerable.Range(0, model.EncodeSizes[^1]).Select(_ =>
        {
            var pixels = new byte[model.ImageSize * model.ImageSize * 3];
            random.NextBytes(pixels);
            return new RgbFrame(default, model.ImageSize, model.ImageSize, pixels);
        }).ToList();
        return BatchSizes.Probe(model.EncodeSizes, items => Forward(model, [.. items.Select(item => images[item])]), model.LikesLargeBatches);
    }
}
