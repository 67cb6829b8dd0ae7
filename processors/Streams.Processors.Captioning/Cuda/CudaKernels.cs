using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cuda;

/// <summary>
/// The kernels of <c>Kernels.cu</c> for bfloat16 on one device, compiled there at the first use. What each of them gives a row hangs on that row
/// alone. Tensors are contiguous and on the device.
/// </summary>
internal sealed partial class CudaKernels
{
    /// <summary>Size of a head that they are written for.</summary>
    public const int HeadSize = 64;

    private const int Vector = 8; // values that a thread moves at once
    private static readonly int[] NormSizes = [4, 16]; // vectors of a row that each of 32 lanes has at most
    private static readonly int[] Groups = [1, 2, 3, 4, 8]; // query heads that share keys
    private static readonly ConcurrentDictionary<int, Lazy<(CudaKernels? Kernels, string Reason)>> OfDevices = new();
    private readonly CudaModule _module;
    private readonly Dictionary<int, nint> _rmsNorms;
    private readonly Dictionary<int, nint> _layerNorms;
    private readonly nint _siluTimes;
    private readonly nint _rotateAndStore;
    private readonly nint _likeliest;
    private readonly nint _normalizePixels;
    private readonly Dictionary<int, nint> _attention;

    private CudaKernels(Device device)
    {
        using var source = new StreamReader(typeof(CudaKernels).Assembly.GetManifestResourceStream("Kernels.cu")!);
        _module = new CudaModule(source.ReadToEnd(), device);
        _rmsNorms = NormSizes.ToDictionary(size => size, size => _module.Find($"rms_norm_{size}"));
        _layerNorms = NormSizes.ToDictionary(size => size, size => _module.Find($"layer_norm_{size}"));
        (_siluTimes, _rotateAndStore) = (_module.Find("silu_times"), _module.Find("rotate_and_store"));
        (_likeliest, _normalizePixels) = (_module.Find("likeliest"), _module.Find("normalize_pixels"));
        _attention = Groups.ToDictionary(group => group, group => _module.Find($"decode_attention_{group}"));
    }

    /// <summary>Those of a device; null where there is no GPU, no compiler or no driver, and torch does the same in more passes.</summary>
    public static CudaKernels? TryGet(Device device) => Find(device).Kernels;

    /// <summary>Why there are none; empty where there are.</summary>
    public static string WhyNot(Device device) => Find(device).Reason;

    /// <summary>Whether rows of this width can be normalised.</summary>
    public static bool TakesWidth(long width) => width % Vector == 0 && width <= NormSizes[^1] * 32 * Vector;

    /// <summary>Whether such heads can be rotated, stored and attended.</summary>
    public static bool TakesHeads(int heads, int shared, int size) => size == HeadSize && heads % shared == 0 && Groups.Contains(heads / shared);

    /// <summary>RMSNorm over the last dimension, rounded once at its end.</summary>
    public Tensor RmsNorm(Tensor hidden, Tensor weight, double epsilon)
    {
        var normalized = empty_like(hidden);
        var (width, rows) = (hidden.size(-1), hidden.numel() / hidden.size(-1));
        _module.Launch(OfWidth(_rmsNorms, width), (rows + 3) / 4, 1, 128, Address(hidden), Address(weight), Address(normalized), width / Vector, rows, Bits(epsilon));
        return normalized;
    }

    /// <summary>LayerNorm over the last dimension.</summary>
    public Tensor LayerNorm(Tensor hidden, Tensor weight, Tensor bias, double epsilon)
    {
        var normalized = empty_like(hidden);
        var (width, rows) = (hidden.size(-1), hidden.numel() / hidden.size(-1));
        _module.Launch(
            OfWidth(_layerNorms, width), (rows + 3) / 4, 1, 128, Address(hidden), Address(weight), Address(bias), Address(normalized), width / Vector, rows, Bits(epsilon));
        return normalized;
    }

    /// <summary>SiLU of the first half of each row times the second half: (..., 2 W) to (..., W).</summary>
    public Tensor SiluTimes(Tensor halves)
    {
        var shape = halves.shape;
        var (rows, width) = (halves.numel() / shape[^1], shape[^1] / 2);
        var product = empty([.. shape[..^1], width], halves.dtype, halves.device);
        _module.Launch(_siluTimes, Blocks(rows * width / Vector), 1, 256, Address(halves), Address(product), width / Vector, rows);
        return product;
    }

    /// <summary>
    /// Rotates the queries of rows (B N, heads + 2 shared, 64) where they lie, and puts rotated keys and the values into buffers (B, shared, capacity, 64).
    /// </summary>
    /// <param name="projected">The rows.</param>
    /// <param name="tables">Cosines and sines (positions, 64) in 32 bits.</param>
    /// <param name="buffers">Where to.</param>
    /// <param name="count">N.</param>
    /// <param name="heads">Query heads.</param>
    public void RotateAndStore(Tensor projected, (Tensor Cosine, Tensor Sine) tables, KeyValueBuffers buffers, long count, int heads)
    {
        var (shared, capacity) = (buffers.Keys.size(1), buffers.Keys.size(2));
        var all = heads + (2 * shared);
        var rows = projected.numel() / (all * HeadSize);
        _module.Launch(
            _rotateAndStore, Blocks(rows * all * 4), 1, 256,
            Address(projected), Address(tables.Cosine), Address(tables.Sine), buffers.Positions is { } positions ? Address(positions) : 0, buffers.Start, count, rows, heads, shared,
            Address(buffers.Keys), Address(buffers.Values), capacity);
    }

    /// <summary>Attention of one new token a sequence, from rows (B, heads + 2 shared, 64) and the buffers up to its position: (B, heads 64).</summary>
    public Tensor DecodeAttention(Tensor projected, KeyValueBuffers buffers, int heads)
    {
        var (batch, shared, capacity) = (buffers.Keys.size(0), buffers.Keys.size(1), buffers.Keys.size(2));
        var mixed = empty([batch, heads * HeadSize], projected.dtype, projected.device);
        _module.Launch(
            _attention[(int)(heads / shared)], shared, batch, 128,
            Address(projected), Address(buffers.Keys), Address(buffers.Values), Address(buffers.Positions!), Address(mixed), heads, shared, capacity, Bits(1 / Math.Sqrt(HeadSize)));
        return mixed;
    }

    /// <summary>The likeliest of each row of scores (N, V), V a multiple of 8: (2, N), log-probabilities first, then places.</summary>
    public Tensor Likeliest(Tensor scores)
    {
        var found = empty([2, scores.size(0)], ScalarType.Float64, scores.device);
        _module.Launch(_likeliest, scores.size(0), 1, 512, Address(scores), Address(found), scores.size(1) / Vector);
        return found;
    }

    /// <summary>Bytes (N, H, W, 3), H W a multiple of 8, to (N, 3, H, W): (byte factor - mean) / deviation.</summary>
    public Tensor NormalizePixels(Tensor bytes, Tensor mean, Tensor deviation, double factor)
    {
        var (images, height, width) = (bytes.size(0), bytes.size(1), bytes.size(2));
        var pixels = empty([images, 3, height, width], ScalarType.BFloat16, bytes.device);
        var groups = height * width / Vector;
        _module.Launch(
            _normalizePixels, Blocks(images * groups), 1, 256, Address(bytes), Address(pixels), Address(mean), Address(deviation), Bits(factor), groups, images * groups);
        return pixels;
    }

    private static (CudaKernels? Kernels, string Reason) Find(Device device) => device.type != DeviceType.CUDA
        ? (null, "not a GPU")
        : OfDevices.GetOrAdd(CudaDevice.IndexOf(device), _ => new Lazy<(CudaKernels? Kernels, string Reason)>(() => Create(device))).Value;

    private static (CudaKernels? Kernels, string Reason) Create(Device device)
    {
        try
        {
            return (new CudaKernels(device), "");
        }
        catch (Exception e) when (e is NotSupportedException or ExternalException)
        {
            return (null, e.Message);
        }
    }

    private static nint OfWidth(Dictionary<int, nint> norms, long width) => norms[NormSizes.First(size => width <= size * 32 * Vector)];

    private static long Blocks(long threads) => (threads + 255) / 256;

    private static long Bits(double number) => BitConverter.SingleToInt32Bits((float)number);

    private static long Address(Tensor tensor) => tensor.is_contiguous() ? DeviceTensors.AddressOf(tensor) : throw new ArgumentException("is not contiguous", nameof(tensor));
}
