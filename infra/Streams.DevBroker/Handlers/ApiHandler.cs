using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Answers one kind of request in the versions it declares; these ranges are what ApiVersions advertises.</summary>
internal abstract class ApiHandler(ApiKey key, short minVersion, short maxVersion, short flexibleFrom)
{
    /// <summary>For requests none of whose versions is flexible.</summary>
    protected const short NeverFlexible = short.MaxValue;

    /// <summary>The protocol's way to say that the operations a client may do were not asked for.</summary>
    protected const int OperationsNotAsked = int.MinValue;

    /// <summary>Read, write, create, delete, alter, describe, describe and alter configs: nobody is denied anything.</summary>
    protected const int AllOperations = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 10) | (1 << 11);

    public ApiKey Key { get; } = key;

    public short MinVersion { get; } = minVersion;

    public short MaxVersion { get; } = maxVersion;

    public bool IsFlexible(short version) => version >= flexibleFrom;

    public bool Supports(short version) => version >= MinVersion && version <= MaxVersion;

    public abstract ValueTask HandleAsync(RequestContext context);
}
