namespace Streams.Grains;

/// <summary>Name of the grain storage provider that the host configures (Redis, or Garnet when embedded).</summary>
public static class StreamsStorage
{
    /// <summary>The provider's name.</summary>
    public const string Name = "streams";
}
