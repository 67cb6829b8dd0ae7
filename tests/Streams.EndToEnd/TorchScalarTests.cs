using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Rocks;
using TorchSharp;

namespace Streams.EndToEnd;

/// <summary>
/// A scalar that TorchSharp makes on the way into a call, from a plain number or for its own sake (<c>a + b</c> is <c>a + 1·b</c>), can be freed by the
/// finaliser before the call has read it (dotnet/TorchSharp #1434): once in some hours a call then fails or reads another number. The processors hold every
/// scalar that they hand over.
/// </summary>
public sealed class TorchScalarTests
{
    private static readonly Lazy<HashSet<string>> Makers = new(() => FindMakers(Open(typeof(torch).Assembly)));

    [Theory]
    [InlineData("Streams.Processors.Captioning")]
    [InlineData("Streams.Processors.GraphFilter")]
    public void Processor_CallsNothingThatMakesAScalar(string project) => Assert.Empty(Offenders(Open(Assembly.Load(project))));

    [Fact]
    public void Rule_OnCodeThatBreaksIt_NamesTheMethod()
    {
        var offenders = Offenders(Open(typeof(TorchScalarTests).Assembly)).ToList();
        Assert.Contains(offenders, line => line.Contains(nameof(AddsTensors)));
        Assert.Contains(offenders, line => line.Contains(nameof(HandsOverANumber)));
        Assert.DoesNotContain(offenders, line => line.Contains(nameof(HoldsItsScalar)));
    }

    private static torch.Tensor AddsTensors(torch.Tensor left, torch.Tensor right) => left + right;

    private static torch.Tensor HandsOverANumber(torch.Tensor tensor) => tensor.clamp_min(0);

    private static torch.Tensor HoldsItsScalar(torch.Tensor left, torch.Tensor right)
    {
        using var one = 1.ToScalar();
        return left.add(right, one);
    }

    private static ModuleDefinition Open(Assembly assembly) => ModuleDefinition.ReadModule(assembly.Location);

    private static IEnumerable<string> Offenders(ModuleDefinition module) =>
        from method in Methods(module)
        from called in Called(method)
        where MakesAScalar(called) || Makers.Value.Contains(called.FullName)
        select $"{method.FullName} calls {called.FullName}; hand over a scalar that is held";

    // Those that make one themselves or call one that does.
    private static HashSet<string> FindMakers(ModuleDefinition torchSharp)
    {
        var calls = Methods(torchSharp).Where(method => method.DeclaringType.Name is not (nameof(Scalar) or nameof(ScalarExtensionMethods)))
            .Select(method => (method.FullName, Called: Called(method).ToList())).ToList();
        var makers = calls.Where(method => method.Called.Exists(called => MakesAScalar(called) || called.Name == nameof(ScalarExtensionMethods.ToScalar)))
            .Select(method => method.FullName).ToHashSet();
        while (calls.Count(method => method.Called.Exists(called => makers.Contains(called.FullName)) && makers.Add(method.FullName)) > 0)
        {
        }

        return makers;
    }

    // Without ToScalar: who calls it has the scalar in hand, and holds it.
    private static bool MakesAScalar(MethodReference method) => method.Name == "op_Implicit" && method.ReturnType.Name == nameof(Scalar);

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) =>
        module.GetAllTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static IEnumerable<MethodReference> Called(MethodDefinition method) => method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>();
}
