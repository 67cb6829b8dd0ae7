using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Garnet;
using Streams.Host.Cli;

namespace Streams.Host.Embedded;

/// <summary>
/// Microsoft Garnet inside the process: speaks the Redis protocol on loopback. A write is acknowledged only when its append-only file holds
/// it, so a killed process loses nothing.
/// </summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer _server;

    private EmbeddedRedis(GarnetServer server) => _server = server;

    /// <summary>Starts the server, with what it held before.</summary>
    /// <exception cref="StreamsException">The port is taken or the folder cannot be used.</exception>
    public static EmbeddedRedis Start(string dataDirectory, int port)
    {
        EnsureFree(port);
        var directory = Path.Combine(dataDirectory, "redis");
        try
        {
            Directory.CreateDirectory(directory);
            var server = new GarnetServer([
                "--bind", IPAddress.Loopback.ToString(),
                "--port", port.ToString(CultureInfo.InvariantCulture),
                // Without transactions a script is not atomic, and every compare-and-set of ours is a script.
                "--lua", "--lua-transaction-mode",
                "--aof", "--aof-commit-wait", "--recover",
                // A checkpoint takes the append-only file's place when the file has grown by this much.
                "--aof-size-limit", "512m",
                "--aof-memory", "64m", "--aof-page-size", "32m", "--page", "16m", "--index", "16m",
                // An upper bound, taken as needed. Without a storage tier Garnet evicts beyond it, and state must never be evicted.
                "--memory", "64g",
                // Its native device needs glibc 2.38 and libaio, which Debian 12 lacks.
                "--device-type", "RandomAccess",
                "--checkpointdir", directory,
                "--logger-level", "Error",
                "-q"]);
            server.Start();
            return new EmbeddedRedis(server);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StreamsException($"The embedded Redis cannot use the folder {directory}: {e.Message}", "set Streams:Embedded:DataDirectory to a folder that can be written");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _server.Dispose();

    // Garnet logs a failed bind and goes on; a clear line is wanted instead.
    private static void EnsureFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException)
        {
            throw new StreamsException(
                $"Port {port} for the embedded Redis is in use on 127.0.0.1",
                "stop what listens there, set Streams:Embedded:RedisPort (--redis-port), or name a Redis with Streams:Redis:ConnectionString");
        }
    }
}
