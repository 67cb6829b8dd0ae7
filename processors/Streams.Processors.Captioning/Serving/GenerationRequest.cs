using Streams.Processors.Captioning.Cuda;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>A prompt on its way through a batcher: from the caller to the encoding thread to the generating thread; one has it at a time.</summary>
internal sealed class GenerationRequest(
    string camera, IReadOnlyList<long> ids, IReadOnlyList<RgbFrame> images, int maxNewTokens, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<IReadOnlyList<(int Id, double LogProbability)>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whose turn it is.</summary>
    public string Camera { get; } = camera;

    /// <summary>The prompt, with places for visual tokens.</summary>
    public IReadOnlyList<long> Ids { get; } = ids;

    /// <summary>What stands in these places, at the encoder's size.</summary>
    public IReadOnlyList<RgbFrame> Images { get; } = images;

    /// <summary>What tells the images apart. Made here, on the caller's thread: it is work.</summary>
    public IReadOnlyList<string> ImageKeys { get; } = [.. images.Select(EmbeddingCache.KeyOf)];

    public int MaxNewTokens { get; } = maxNewTokens;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Visual tokens (images, queries, D) once they are encoded; null without images.</summary>
    public Tensor? Visual { get; set; }

    /// <summary>When they are really there, where the device works them off in a queue of its own.</summary>
    public CudaEvent? VisualReady { get; set; }

    /// <summary>Asked for its visual tokens alone.</summary>
    public bool EncodeOnly => MaxNewTokens == 0;

    /// <summary>These, once <see cref="Result"/> is there.</summary>
    public float[] Embeddings { get; private set; } = [];

    /// <summary>New tokens, the end token last where it came; none where only embeddings were asked for.</summary>
    public Task<IReadOnlyList<(int Id, double LogProbability)>> Result => _result.Task;

    /// <summary>True, and done with, when nobody waits for it any more.</summary>
    public bool IsGivenUp()
    {
        if (!Cancellation.IsCancellationRequested)
        {
            return false;
        }

        Release();
        _result.TrySetCanceled(Cancellation);
        return true;
    }

    public void Complete(IReadOnlyList<(int Id, double LogProbability)> tokens)
    {
        Release();
        _result.TrySetResult(tokens);
    }

    /// <summary>Gives the visual tokens to whoever asked for nothing more.</summary>
    public void CompleteEncoded()
    {
        using var scope = NewDisposeScope();
        Embeddings = Visual is null ? [] : Visual.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        Complete([]);
    }

    public void Fail(Exception error)
    {
        Release();
        _result.TrySetException(error);
    }

    private void Release()
    {
        VisualReady?.Dispose();
        Visual?.Dispose();
        (VisualReady, Visual) = (null, null);
    }
}
