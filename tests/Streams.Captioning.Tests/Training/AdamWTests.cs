using TorchSharp;
using TorchSharp.Modules;

namespace Streams.Captioning.Tests.Training;

public sealed class AdamWTests
{
    [Fact]
    public void Step_BesideTorchSharps_SameBits()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(3);
        var ours = Parameters();
        torch.manual_seed(3);
        var theirs = Parameters();
        using var our = new Streams.Processors.Captioning.Training.AdamW(ours);
        using var their = torch.optim.AdamW(theirs, lr: 1, beta2: 0.98, weight_decay: 0.02);

        for (var step = 0; step < 6; step++)
        {
            var rate = 0.01 / (step + 1);
            foreach (var group in their.ParamGroups)
            {
                group.LearningRate = rate;
            }

            our.ZeroGradients();
            their.zero_grad();
            var input = torch.randn(5, 7);
            Loss(ours, input, step).backward();
            Loss(theirs, input, step).backward();
            our.Step(rate);
            their.step();
        }

        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First.bytes.ToArray(), pair.Second.bytes.ToArray()));
    }

    private static List<Parameter> Parameters() => [new(torch.randn(7, 11)), new(torch.randn(11)), new(torch.randn(11))];

    // The last parameter has no part in every third step.
    private static torch.Tensor Loss(List<Parameter> parameters, torch.Tensor input, int step)
    {
        var sum = (input.mm(parameters[0]) + parameters[1]).square();
        return (step % 3 == 1 ? sum : sum * parameters[2]).mean();
    }
}
