using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Layers;

/// <summary>Several projections of one input as one. The weights of the parts become views of the whole: names and memory stay what they were.</summary>
internal sealed class FusedLinear
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;

    private FusedLinear(Tensor weight, Tensor? bias) => (_weight, _bias) = (weight, bias);

    public FusedLinear(params Linear[] parts)
    {
        using var guard = no_grad();
        _weight = cat([.. parts.Select(part => (Tensor)part.weight)], 0).DetachFromDisposeScope();
        _bias = parts[0].bias is null ? null : cat([.. parts.Select(part => (Tensor)part.bias!)], 0).DetachFromDisposeScope();
        var first = 0L;
        foreach (var part in parts)
        {
            var (count, learns) = (part.weight.size(0), part.weight.requires_grad);
            part.weight = nn.Parameter(_weight.narrow(0, first, count), learns);
            if (_bias is not null)
            {
                part.bias = nn.Parameter(_bias.narrow(0, first, count), learns);
            }

            first += count;
        }
    }

    /// <summary>All parts but the first, of the same weights.</summary>
    public FusedLinear Without(Linear first)
    {
        using var guard = no_grad();
        Tensor Rest(Tensor whole) => whole.narrow(0, first.weight.size(0), whole.size(0) - first.weight.size(0)).DetachFromDisposeScope();
        return new FusedLinear(Rest(_weight), _bias is null ? null : Rest(_bias));
    }

    /// <summary>(..., inputs) to (..., all outputs one after another).</summary>
    public Tensor Apply(Tensor input) => Projections.Project(input, _weight, _bias);
}
