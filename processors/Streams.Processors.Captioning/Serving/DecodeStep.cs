using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// One more token for the slots from <paramref name="first"/> on, <paramref name="size"/> of them. On a GPU recorded at its first run and replayed ever after.
/// Belongs to one thread.
/// </summary>
internal sealed class DecodeStep(ServedModel model, SlotCache cache, int first, int size) : IDisposable
{
    private readonly Tensor _ids = zeros([size, 1], ScalarType.Int64, model.Device).DetachFromDisposeScope();
    private readonly Tensor _positions = zeros([size], ScalarType.Int64, model.Device).DetachFromDisposeScope();
    private CudaGraph? _graph;
    private Tensor? _recorded;

    /// <summary>The likeliest next token of each slot, after these newest ones at these positions.</summary>
    public IReadOnlyList<(int Id, double LogProbability)> Run(long[] ids, long[] positions)
    {
        using var scope = NewDisposeScope();
        _ids.copy_(DeviceTensors.Send(ids, model.Device).unsqueeze(1));
        _positions.copy_(DeviceTensors.Send(positions, model.Device));
        if (!model.Graphs || !CudaGraph.IsSupported)
        {
            return Read(Compute());
        }

        if (_graph is null)
        {
            _graph = CudaGraph.Record(model.Device, () =>
            {
                using var inner = NewDisposeScope();
                _recorded?.Dispose();
                _recorded = Compute().DetachFromDisposeScope();
            });
        }

        _graph.Replay();
        return Read(_recorded!);
    }

    /// <summary>The likeliest token of each row (N, D): (2, N), log-probabilities first, then ids.</summary>
    public static Tensor Likeliest(ServedModel model, Tensor rows)
    {
        var scores = model.Model.Language.Logits(rows);
        if (model.Model.Kernels is { } kernels && scores.size(1) % 8 == 0)
        {
            return kernels.Likeliest(scores);
        }

        var (best, ids) = scores.to(ScalarType.Float32).log_softmax(-1).max(-1);
        return stack([best.to(ScalarType.Float64), ids.to(ScalarType.Float64)]); // as one: each that is fetched is a wait
    }

    public static IReadOnlyList<(int Id, double LogProbability)> Read(Tensor likeliest)
    {
        using var scope = NewDisposeScope();
        var values = likeliest.cpu().data<double>().ToArray();
        var count = values.Length / 2;
        return [.. Enumerable.Range(0, count).Select(i => ((int)values[count + i], values[i]))];
    }

    public void Dispose()
    {
        _graph?.Dispose();
        _recorded?.Dispose();
        _ids.Dispose();
        _positions.Dispose();
    }

    private Tensor Compute()
    {
        var hidden = model.Model.Language.Step(model.Model.Language.Embed(_ids), cache.Step(first, _positions));
        return Likeliest(model, hidden.select(1, 0).contiguous());
    }
}
