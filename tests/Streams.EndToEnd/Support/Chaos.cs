namespace Streams.EndToEnd.Support;

/// <summary>What runs with <c>tests/chaos</c> only: the same promise under a fault that is much like one of those that always run.</summary>
internal static class Chaos
{
    public static bool IsOn => Environment.GetEnvironmentVariable("STREAMS_CHAOS") is { Length: > 0 };

    /// <summary>Skips the test, unless <paramref name="always"/> or tests/chaos runs.</summary>
    public static void Needed(bool always = false) => Assert.SkipUnless(
        always || IsOn, "one of each kind of fault runs with all tests; this one with tests/chaos, which sets STREAMS_CHAOS");
}
