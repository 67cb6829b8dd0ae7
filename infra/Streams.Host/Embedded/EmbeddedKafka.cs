using Streams.DevBroker;
using Streams.Host.Cli;

namespace Streams.Host.Embedded;

/// <summary>The development broker inside the process.</summary>
internal sealed class EmbeddedKafka : IAsyncDisposable
{
    private readonly DevBrokerServer _server;

    private EmbeddedKafka(DevBrokerServer server) => _server = server;

    public string BootstrapServers => _server.BootstrapServers;

    /// <summary>Starts the broker on loopback, with the log it had before.</summary>
    /// <exception cref="StreamsException">The port is taken or the folder cannot be used.</exception>
    public static async Task<EmbeddedKafka> StartAsync(string dataDirectory, int port, CancellationToken cancellationToken)
    {
        var server = new DevBrokerServer(new DevBrokerOptions { DataDirectory = Path.Combine(dataDirectory, "kafka"), Port = port });
        try
        {
            await server.StartAsync(cancellationToken);
            return new EmbeddedKafka(server);
        }
        catch (DevBrokerPortInUseException)
        {
            await server.DisposeAsync();
            throw new StreamsException(
                $"Port {port} for the embedded broker is in use on 127.0.0.1",
                "stop what listens there, set Streams:Embedded:KafkaPort (--kafka-port), or name a broker with Streams:Kafka:BootstrapServers");
        }
        catch (DevBrokerException e)
        {
            await server.DisposeAsync();
            throw new StreamsException($"The embedded broker did not start: {e.Message}", "set Streams:Embedded:DataDirectory (--data-dir) to a folder of its own");
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
