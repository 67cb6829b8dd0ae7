namespace Streams.EndToEnd.Faults;

/// <summary>One scenario at a time, and none beside other tests: each has two cores' worth of processes.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "faults";
}

/// <summary>The time between two faults. What happens in it is the test's subject; nothing waits for it.</summary>
internal static class Pause
{
    public static Task Seconds(int seconds) => Task.Delay(TimeSpan.FromSeconds(seconds));
}
