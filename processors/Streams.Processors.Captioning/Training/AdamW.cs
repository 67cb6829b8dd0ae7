using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101), to the bit what TorchSharp's does. That one makes a scalar for
/// every call and leaves it to the finaliser, which may free it while the call still reads it (dotnet/TorchSharp #1434): in a training of
/// an hour beside a thread that allocates pictures, it did. Here scalars live as long as the step.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.98;
    private const double Epsilon = 1e-8;
    private const double WeightDecay = 0.02;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Tensor[] _means;
    private readonly Tensor[] _squares;
    private readonly Scalar _beta1 = Beta1.ToScalar();
    private readonly Scalar _beta2 = Beta2.ToScalar();
    private readonly Scalar _rest1 = (1 - Beta1).ToScalar();
    private readonly Scalar _rest2 = (1 - Beta2).ToScalar();
    private readonly Scalar _epsilon = Epsilon.ToScalar();

    public AdamW(IReadOnlyList<Parameter> parameters)
    {
        _parameters = parameters;
        _means = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
        _squares = [.. parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
    }

    /// <summary>Steps done.</summary>
    public int Steps { get; private set; }

    /// <summary>Running means of the gradients and of their squares, by number of the parameter.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State => _means.Select((mean, i) => ($"mean.{i}", mean)).Concat(_squares.Select((square, i) => ($"square.{i}", square)));

    /// <summary>A step at learning rate <paramref name="rate"/>; parameters without a gradient stay.</summary>
    public void Step(double rate)
    {
        Steps++;
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var decay = (1 - (rate * WeightDecay)).ToScalar();
        using var step = (-rate / (1 - Math.Pow(Beta1, Steps))).ToScalar();
        using var root = Math.Sqrt(1 - Math.Pow(Beta2, Steps)).ToScalar();
        for (var i = 0; i < _parameters.Count; i++)
        {
            if (_parameters[i].grad is not { } gradient)
            {
                continue;
            }

            _parameters[i].mul_(decay);
            _means[i].mul_(_beta1).add_(gradient, _rest1);
            _squares[i].mul_(_beta2).addcmul_(gradient, gradient, _rest2);
            _parameters[i].addcdiv_(_means[i], _squares[i].sqrt().div_(root).add_(_epsilon, Scalars.One), step);
        }
    }

    /// <summary>Forgets the gradients.</summary>
    public void ZeroGradients()
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in _parameters)
        {
            parameter.grad?.zero_();
        }
    }

    /// <summary>Goes on after <paramref name="steps"/> steps with the state of <see cref="State"/>.</summary>
    /// <exception cref="CheckpointException">The state is of other parameters.</exception>
    public void Restore(string path, int steps)
    {
        using var scope = NewDisposeScope();
        ModelFolder.Load(path, State, SafetensorsFile.Read(path));
        Steps = steps;
    }

    public void Dispose()
    {
        foreach (var tensor in _means.Concat(_squares))
        {
            tensor.Dispose();
        }

        foreach (var scalar in new[] { _beta1, _beta2, _rest1, _rest2, _epsilon })
        {
            scalar.Dispose();
        }
    }
}
