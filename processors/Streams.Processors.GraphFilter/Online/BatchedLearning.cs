using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.GraphFilter.Online;

/// <summary>
/// One learning of many networks of one size at a time, the cubic operations in batches on a device: on a GPU one call of
/// torch.linalg.eigh over all networks in place of thousands of small ones. The networks take their rows as ever, with
/// <see cref="OnlineOptions.LearnEvery"/> 0. Equal to their own learning but for rounding.
/// </summary>
public static class BatchedLearning
{
    /// <summary>Makes one step in each network that has rows enough; returns how many did.</summary>
    /// <exception cref="ArgumentException">Networks of different sizes.</exception>
    public static int Learn(IReadOnlyList<OnlineGraphLearner> networks, Device? device = null)
    {
        var ready = networks.Where(network => network.IsReady).ToArray();
        if (ready.Length == 0)
        {
            return 0;
        }

        var size = ready[0].Sensors;
        if (ready.FirstOrDefault(network => network.Sensors != size) is { } other)
        {
            throw new ArgumentException($"networks of {size} and {other.Sensors} sensors; batch those of one size", nameof(networks));
        }

        var square = size * size;
        var matrices = new double[ready.Length * square];
        ready = [.. ready.Where((network, k) => network.TryBatchCovariance(matrices.AsSpan(k * square, square)))];
        if (ready.Length * square < matrices.Length)
        {
            // Some have no variance yet: close the ranks.
            matrices = new double[ready.Length * square];
            Each((network, k) => network.TryBatchCovariance(matrices.AsSpan(k * square, square)));
        }

        if (ready.Length == 0)
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        device ??= CPU;
        var root = Root(OnDevice(matrices));
        ToHost(root, matrices);
        Each((network, k) => network.TakeBatchRoot(matrices.AsSpan(k * square, square)));
        root = OnDevice(matrices);

        Each((network, k) => network.BatchLaplacian(matrices.AsSpan(k * square, square)));
        var (frequencies, modes) = linalg.eigh(OnDevice(matrices));
        ToHost(modes.mT.matmul(root).matmul(modes), matrices);
        var values = frequencies.cpu().contiguous().data<double>().ToArray();
        var gains = new double[values.Length];
        var throughMean = new double[ready.Length];
        Each((network, k) => throughMean[k] = network.FitBatch(
            matrices.AsSpan(k * square, square), values.AsSpan(k * size, size), gains.AsSpan(k * size, size)));

        var gradient = modes.matmul(OnDevice(matrices)).matmul(modes.mT);
        var scaled = modes * tensor(gains, [ready.Length, 1, size], device: device);
        var model = scaled.matmul(scaled.mT).cpu().contiguous().data<double>().ToArray();
        ToHost(gradient, matrices);
        Each((network, k) => network.FinishBatch(matrices.AsSpan(k * square, square), throughMean[k], model.AsSpan(k * square, square)));
        return ready.Length;

        Tensor OnDevice(double[] numbers) => tensor(numbers, [ready.Length, size, size], device: device);

        void Each(Action<OnlineGraphLearner, int> action)
        {
            for (var k = 0; k < ready.Length; k++)
            {
                action(ready[k], k);
            }
        }
    }

    private static Tensor Root(Tensor covariances)
    {
        var (values, vectors) = linalg.eigh(covariances);
        var largest = values.narrow(-1, values.shape[^1] - 1, 1);
        // Held to the end of the call: TorchSharp leaves those it makes itself to the finaliser, which does not wait (dotnet/TorchSharp #1434).
        using var cut = OnlineGraphLearner.RootCutShare.ToScalar();
        using var zero = 0.ToScalar();
        var roots = where(values > largest * cut, values.clamp(zero).sqrt(), zeros_like(values));
        return (vectors * roots.unsqueeze(-2)).matmul(vectors.mT);
    }

    private static void ToHost(Tensor tensor, double[] numbers) => tensor.cpu().contiguous().data<double>().CopyTo(numbers, 0);
}
