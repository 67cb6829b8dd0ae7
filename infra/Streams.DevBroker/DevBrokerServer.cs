using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Streams.DevBroker.Groups;
using Streams.DevBroker.Producers;
using Streams.DevBroker.Server;
using Streams.DevBroker.Topics;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker;

/// <summary>
/// A single-node broker that speaks the Kafka protocol, for development, tests and the embedded default. Start it once,
/// dispose it to stop it in order.
/// </summary>
public sealed class DevBrokerServer : IAsyncDisposable
{
    /// <summary>Of a connection, beside the frame it is read into: by default it were a megabyte, in pinned blocks that stay.</summary>
    private const int ReadBufferBytes = 256 * 1024;

    private readonly DevBrokerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Connections being served. Added by the accept loop, removed by each connection's own end; guarded by itself.</summary>
    private readonly HashSet<Task> _connections = [];

    private DataDirectory? _directory;
    private BrokerState? _broker;
    private IConnectionListener? _listener;
    private Task _background = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Creates a broker that does not listen yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="loggers">Where it logs to; nowhere by default.</param>
    /// <param name="time">Its clock; the system's by default.</param>
    public DevBrokerServer(DevBrokerOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _logger = _loggers.CreateLogger<DevBrokerServer>();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The address listened on, with the real port; known after <see cref="StartAsync"/>.</summary>
    public IPEndPoint Endpoint =>
        _listener?.EndPoint as IPEndPoint ?? throw new InvalidOperationException("The broker has not been started.");

    /// <summary>What to give to clients as <c>bootstrap.servers</c>; known after <see cref="StartAsync"/>.</summary>
    public string BootstrapServers => $"{Broker.AdvertisedHost}:{Broker.AdvertisedPort}";

    /// <summary>What the tests look into.</summary>
    internal BrokerState Broker => _broker ?? throw new InvalidOperationException("The broker has not been started.");

    /// <summary>Opens the data folder, recovers what a crash left behind, and listens.</summary>
    /// <param name="cancellation">Ends the attempt to bind.</param>
    /// <exception cref="DevBrokerOptionsException">A setting is out of range.</exception>
    /// <exception cref="DevBrokerPortInUseException">Another program listens on the port.</exception>
    /// <exception cref="DevBrokerDataDirectoryException">The data folder cannot be used.</exception>
    /// <returns>A task that ends when clients can connect.</returns>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        if (_directory is not null)
            throw new InvalidOperationException("A broker is started once; create another one.");
        _options.Validate();
        _directory = new DataDirectory(_options.DataDirectory);
        try
        {
            _broker = OpenState(_directory);
            _listener = await BindAsync(cancellation);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        _broker.AdvertisedPort = _options.AdvertisedPort ?? Endpoint.Port;
        _broker.AdvertisedHost = _options.AdvertisedHost ?? (IsAnyAddress ? Dns.GetHostName() : _options.BindAddress.ToString());
        _background = Task.WhenAll(AcceptAsync(new RequestDispatcher(_broker)), new Housekeeping(_broker).RunAsync(_stopping.Token));
        _logger.Started(Endpoint.ToString(), _directory.Root, _broker.Topics.All.Count(), BootstrapServers);
    }

    /// <summary>Stops listening, closes the connections, flushes to disk.</summary>
    /// <returns>A task that ends when all files are closed.</returns>
    public ValueTask DisposeAsync() => StopAsync(inOrder: true);

    /// <summary>Stops; not in order leaves the files as a killed process would.</summary>
    internal async ValueTask StopAsync(bool inOrder)
    {
        if (_stopped)
            return;
        _stopped = true;
        await _stopping.CancelAsync();
        if (_listener is not null)
        {
            await _listener.UnbindAsync();
            await _background;
            await Task.WhenAll(OpenConnections());
            await _listener.DisposeAsync();
        }

        CloseState(inOrder);
        _directory?.Dispose();
        _stopping.Dispose();
        _logger.Stopped();
    }

    private bool IsAnyAddress => _options.BindAddress.Equals(IPAddress.Any) || _options.BindAddress.Equals(IPAddress.IPv6Any);

    private BrokerState OpenState(DataDirectory directory)
    {
        if (!directory.CleanlyStopped && !directory.IsNew)
            _logger.RecoveringAfterCrash();
        var topics = new TopicCatalog(directory.Topics, _options, _time, _logger, directory.CleanlyStopped);
        var offsets = new OffsetStore(directory.Offsets);
        if (offsets.CutBytes > 0)
            _logger.TornTailCut(directory.Offsets, offsets.CutBytes);
        topics.Deleted += offsets.RemoveTopic;
        var groups = new GroupCoordinator(offsets, _options, _time);
        var producerIds = new ProducerIds(directory.ProducerIds);
        var store = new TransactionStore(directory.Transactions);
        if (store.CutBytes > 0)
            _logger.TornTailCut(directory.Transactions, store.CutBytes);
        var transactions = new TransactionCoordinator(
            store, offsets, producerIds, partition => topics.Find(partition.Topic, partition.Partition), _options, _time, _logger);
        transactions.Recover(topics.All.SelectMany(topic => topic.Partitions));
        return new BrokerState(_options, topics, offsets, groups, producerIds, transactions, directory.ClusterId(), _time, _logger);
    }

    private void CloseState(bool inOrder)
    {
        if (_broker is null)
            return;
        _broker.Groups.Dispose();
        // Before the logs: a timeout must not take a closed partition for a deleted one.
        _broker.Transactions.Dispose();
        if (inOrder)
        {
            foreach (var partition in _broker.Topics.All.SelectMany(topic => topic.Partitions))
                partition.PrepareStop();
        }

        _broker.Topics.Dispose();
        _broker.Offsets.Dispose();
        if (inOrder)
            _directory!.MarkStopped();
    }

    private async Task<IConnectionListener> BindAsync(CancellationToken cancellation)
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { MaxReadBufferSize = ReadBufferBytes }), _loggers);
        try
        {
            return await transport.BindAsync(new IPEndPoint(_options.BindAddress, _options.Port), cancellation);
        }
        catch (AddressInUseException taken)
        {
            throw new DevBrokerPortInUseException(_options.Host, _options.Port, taken);
        }
        catch (System.Net.Sockets.SocketException failure)
        {
            throw new DevBrokerException($"Cannot listen on {_options.Host}:{_options.Port} ({failure.Message}): choose an address of this machine and a port you may use.", failure);
        }
    }

    private async Task AcceptAsync(RequestDispatcher dispatcher)
    {
        try
        {
            while (await _listener!.AcceptAsync(_stopping.Token) is { } transport)
            {
                var connection = new ClientConnection(transport, dispatcher, _options.Security.Certificate, _options.MaxRequestBytes, _logger);
                Track(connection.ServeAsync(_stopping.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The broker stops.
        }
        catch (IOException failure)
        {
            _logger.AcceptFailed(failure);
        }
    }

    private void Track(Task connection)
    {
        lock (_connections)
            _connections.Add(connection);
        _ = connection.ContinueWith(
            ended =>
            {
                lock (_connections)
                    _connections.Remove(ended);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private Task[] OpenConnections()
    {
        lock (_connections)
            return [.. _connections];
    }
}
