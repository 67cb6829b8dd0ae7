using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>
/// Numbers for torch, made once and kept: one that is made in a call, as a plain number in the code is, can be freed by the finaliser before the call is over
/// (dotnet/TorchSharp #1434), and the call then fails or reads another number.
/// </summary>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<long, Scalar> Whole = new();
    private static readonly ConcurrentDictionary<double, Scalar> Fractions = new();

    public static Scalar Zero { get; } = Of(0);

    public static Scalar One { get; } = Of(1);

    public static Scalar NegativeInfinity { get; } = Of(double.NegativeInfinity);

    /// <summary>For numbers of which there are few: sizes and ids of a model.</summary>
    public static Scalar Of(long number) => Whole.GetOrAdd(number, value => value.ToScalar());

    /// <inheritdoc cref="Of(long)"/>
    public static Scalar Of(double number) => Fractions.GetOrAdd(number, value => value.ToScalar());

    /// <summary>The sum. TorchSharp's operator makes a scalar 1 for it, which the sum is multiplied by.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <summary>Each number times itself. TorchSharp's makes a scalar 2 for it.</summary>
    public static Tensor Squared(this Tensor numbers) => numbers * numbers;
}
