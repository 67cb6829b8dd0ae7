using Streams.DevBroker.Topics;

namespace Streams.DevBroker.Handlers;

/// <summary>Where a setting's value comes from, in the protocol's numbers.</summary>
internal static class ConfigSource
{
    public const sbyte Topic = 1;
    public const sbyte StaticBroker = 4;
    public const sbyte Default = 5;

    public static sbyte Of(TopicConfig config, string name) => config.Overrides.ContainsKey(name) ? Topic : Default;
}
