using Garnet;
using StackExchange.Redis;

namespace Streams.Dashboard.Tests.Servers;

/// <summary>Garnet in this process, with the options of the embedded default.</summary>
public sealed class GarnetFixture : IRedisFixture, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streams-garnet-").FullName;
    private GarnetServer? _server;
    private IConnectionMultiplexer? _redis;
    private int _port;

    public string? Missing => null;

    public IConnectionMultiplexer Redis => _redis!;

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_port},allowAdmin=true,syncTimeout=60000,asyncTimeout=60000");

    public async ValueTask InitializeAsync()
    {
        _port = FreePort.Next();
        _server = new GarnetServer(
        [
            "--bind", "127.0.0.1", "--port", $"{_port}", "--lua", "--lua-transaction-mode", "--aof", "--aof-commit-wait",
            "--aof-memory", "64m", "--aof-page-size", "32m", "--page", "16m", "--index", "16m", "--memory", "64g",
            "--device-type", "RandomAccess", "--checkpointdir", _folder, "--logger-level", "Error", "-q",
        ]);
        _server.Start();
        _redis = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _server?.Dispose(deleteDir: true);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
