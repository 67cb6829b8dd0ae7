using System.Diagnostics;
using StackExchange.Redis;

namespace Streams.Dashboard.Tests.Servers;

/// <summary>A private redis-server in a folder of its own.</summary>
public sealed class RedisServerFixture : IRedisFixture, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-redis-").FullName;
    private Process? _server;
    private IConnectionMultiplexer? _redis;
    private int _port;

    public string? Missing { get; private set; }

    public IConnectionMultiplexer Redis => _redis!;

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port},allowAdmin=true,syncTimeout=60000,asyncTimeout=60000");

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Missing = "redis-server is not installed; on Debian: apt-get install redis-server";
            return;
        }

        _port = FreePort.Next();
        _server = Process.Start(new ProcessStartInfo(path, ["--port", $"{_port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", ""])
        {
            RedirectStandardOutput = true,
        })!;
        var ready = new TaskCompletionSource();
        _server.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null || line.Data.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };

        // Read to the end: a pipe that nobody empties would stop the server in the middle of a test.
        _server.BeginOutputReadLine();
        await ready.Task;
        _redis = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
