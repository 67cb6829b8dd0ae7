using StackExchange.Redis;

namespace Streams.Dashboard.Tests.Servers;

/// <summary>A server that speaks the Redis protocol, for one test class.</summary>
public interface IRedisFixture
{
    /// <summary>Null, or why the server is not there.</summary>
    string? Missing { get; }

    /// <summary>A connection; use only when nothing is missing.</summary>
    IConnectionMultiplexer Redis { get; }

    /// <summary>Another connection, as another process has it.</summary>
    Task<ConnectionMultiplexer> ConnectAsync();
}
