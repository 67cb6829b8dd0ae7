using StackExchange.Redis;

namespace Streams.Host.Cli;

/// <summary>Connection strings without their secrets.</summary>
internal static class Redact
{
    public static string Redis(string connectionString) => ConfigurationOptions.Parse(connectionString).ToString(includePassword: false);
}
