using System.Reflection;
using Streams.TestKit.Simulation;
using Xunit.Sdk;
using Xunit.v3;

namespace Streams.Simulation.Tests;

/// <summary>The crash matrix of reliability.md: each point of a record's way × {clean kill, second activation, zombie pump}.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialFaultsAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([
            .. from point in Enum.GetValues<SimPoint>()
               from fault in new[] { SimFault.Kill, SimFault.SecondActivation, SimFault.Pause }
               select new TheoryDataRow<SimPoint, SimFault>(point, fault)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
