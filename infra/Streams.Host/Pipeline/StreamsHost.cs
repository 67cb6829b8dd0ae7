using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using StackExchange.Redis;
using Streams.Dashboard;
using Streams.Dashboard.Status;
using Streams.Grains;
using Streams.Grains.Partitions;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Host.DeadLetters;
using Streams.Host.Embedded;
using Streams.Host.Readings;
using Streams.Host.Runs;
using Streams.Host.Tasks;
using Streams.Host.Telemetry;
using Streams.Ingest;
using Streams.Ingest.Publishing;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Host.Pipeline;

/// <summary>The composition root: embedded services, silo, pumps, projector and dashboard in one process.</summary>
internal sealed class StreamsHost : IAsyncDisposable
{
    // Together less than the fifteen seconds after which an operator's patience ends. Within the first the services stop in order; what then
    // still hangs on a broker or a Redis that is gone is left to the end of the process.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(3);

    private readonly WebApplication _app;
    private readonly EmbeddedKafka? _kafka;
    private readonly EmbeddedRedis? _redis;
    private readonly HostCaptioner _captioner;

    private StreamsHost(WebApplication app, EmbeddedKafka? kafka, EmbeddedRedis? redis, HostCaptioner captioner)
    {
        _captioner = captioner;
        _app = app;
        _kafka = kafka;
        _redis = redis;
    }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts everything, in the order in which each needs the others.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="logLevel">Least level of our own log messages.</param>
    /// <param name="replace">Changes the services before they are built: benchmarks measure the way of a record with a processor that does nothing.</param>
    /// <exception cref="StreamsException">A port is taken, or a service does not answer.</exception>
    public static async Task<StreamsHost> StartAsync(
        StreamsOptions options, CancellationToken cancellation, LogLevel logLevel = LogLevel.Information, Action<IServiceCollection>? replace = null)
    {
        if (options.Security.Check(options.Dashboard.Url) is var (problem, remedy))
        {
            throw new StreamsException(problem, remedy);
        }

        EmbeddedKafka? kafka = null;
        EmbeddedRedis? redis = null;
        var captioner = new HostCaptioner(options.Captioner);
        WebApplication? app = null;
        try
        {
            // Its libraries and weights take a second or two, in which the services are reached and the silo starts. A clip that comes before waits.
            var loading = options.Captioner.Load == CaptionerLoad.Start ? captioner.LoadAsync() : Task.CompletedTask;
            if (options.EmbeddedKafka)
            {
                kafka = await EmbeddedKafka.StartAsync(options.Embedded.EffectiveDataDirectory, options.Embedded.KafkaPort, cancellation);
            }

            if (options.EmbeddedRedis)
            {
                redis = EmbeddedRedis.Start(options.Embedded.EffectiveDataDirectory, options.Embedded.RedisPort);
            }

            // Whoever waits is told what for.
            using var loggers = LoggerFactory.Create(logging => ConfigureLogging(
                logging, options.Telemetry.LogForm, logLevel < LogLevel.Warning ? logLevel : LogLevel.Warning));
            var services = new OutsideServices(options, loggers.CreateLogger<OutsideServices>());
            var connection = await services.ConnectRedisAsync(cancellation);
            // Its own, so that a grain's write does not wait behind a projection of many results.
            var stateConnection = await services.ConnectRedisAsync(cancellation);
            await services.EnsureTopicsAsync(cancellation);
            app = Build(options, connection, stateConnection, captioner, logLevel, replace);
            await StartWebAsync(app, options, cancellation);
            await loading;
            return new StreamsHost(app, kafka, redis, captioner);
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            await captioner.DisposeAsync();
            redis?.Dispose();
            if (kafka is not null)
            {
                await kafka.DisposeAsync();
            }

            throw;
        }
    }

    /// <summary>Returns after Ctrl-C, SIGTERM or <paramref name="cancellation"/>.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    /// <summary>Stops the pumps first, then the silo, then the embedded services.</summary>
    public async ValueTask DisposeAsync()
    {
        var logger = _app.Services.GetRequiredService<ILogger<StreamsHost>>();
        var began = Stopwatch.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(StopTimeout);
            await _app.StopAsync(timeout.Token).WaitAsync(StopTimeout + TimeSpan.FromSeconds(1));
            await _app.DisposeAsync().AsTask().WaitAsync(DisposeTimeout);
        }
        catch (Exception e)
        {
            logger.StoppedInDisorder(Stopwatch.GetElapsedTime(began).TotalSeconds, e.GetBaseException().Message);
        }

        await _captioner.DisposeAsync();
        _redis?.Dispose();
        if (_kafka is not null)
        {
            await _kafka.DisposeAsync();
        }
    }

    private static WebApplication Build(
        StreamsOptions options,
        IConnectionMultiplexer redis,
        IConnectionMultiplexer stateRedis,
        HostCaptioner captioner,
        LogLevel logLevel,
        Action<IServiceCollection>? replace)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Dashboard.Url);
        DashboardCertificate.Use(builder.WebHost, options.Dashboard);
        ConfigureLogging(builder.Logging, options.Telemetry.LogForm, logLevel);
        builder.AddTelemetry(options.Telemetry);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);

        builder.Services.AddSingleton(options).AddSingleton(options.Kafka).AddSingleton(options.Pump);
        builder.Services.AddSingleton(redis).AddSingleton<TimeProvider>(new ForwardTime(TimeProvider.System)).AddSingleton<Latencies>().AddSingleton<CaptionTruths>();
        builder.Services.AddProcessors(captioner);
        builder.Services.AddSingleton(options.Publisher).AddSingleton<RecordPublisher>();
        builder.Services.AddSingleton(services => ResultPublishers.Create(
            options.Results,
            options.Kafka,
            options.Publisher,
            services.GetRequiredService<RecordPublisher>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<RedisPartitionCursors>();
        builder.Services.AddSingleton<IPartitionCursors>(services => services.GetRequiredService<RedisPartitionCursors>());
        builder.Services.AddSingleton(new FencedWrites(stateRedis, options));
        builder.Services.AddSingleton<IPartitionLeases>(services => services.GetRequiredService<FencedWrites>());
        builder.Services.AddSingleton<IStreamStates>(services => services.GetRequiredService<FencedWrites>());
        builder.Services.AddSingleton<GrainRecordSink>().AddSingleton<FollowedLabelTasks>().AddSingleton<IRecordSink, LabelTaskSink>();
        builder.UseOrleans(silo => ConfigureSilo(silo, options, stateRedis));
        // After the silo, so that they start when grains answer and stop before it does.
        builder.Services.AddPumps();
        builder.Services.AddSingleton<Projector>().AddHostedService(provider => provider.GetRequiredService<Projector>());
        builder.Services.AddHostedService<RunProjector>();
        builder.Services.AddHostedService<LabelTaskWatch>();
        builder.Services.AddSingleton<RunManager>().AddHostedService(provider => provider.GetRequiredService<RunManager>());
        builder.Services.AddSingleton<RunVerifier>().AddSingleton<RunPromotion>().AddSingleton<RunDeletion>();
        builder.Services.AddSingleton<LagTimes>().AddHostedService(provider => provider.GetRequiredService<LagTimes>());
        builder.Services.AddSingleton<ServiceWatch>().AddHostedService(provider => provider.GetRequiredService<ServiceWatch>());
        builder.Services.AddSingleton<IPipelineStatus, HostStatus>();
        builder.Services.AddSingleton<LetterDesk>().AddSingleton<NetworkReadings>().AddSingleton<TaskTraces>();
        builder.Services.AddStreamsDashboard(configureStore: store => store.HistoryPerKey = options.Dashboard.HistoryPerKey, security: options.Security);
        builder.Services.AddApiComments();
        builder.Services.AddHealthChecks().AddCheck<PumpSet>("pumps").AddCheck<Projector>("projector").AddCheck("captioner", captioner);
        replace?.Invoke(builder.Services);

        var app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(() => ShutdownLimit.Start(app.Services.GetRequiredService<ILogger<StreamsHost>>()));
        app.MapHost();
        return app;
    }

    private static void ConfigureLogging(ILoggingBuilder logging, LogForm form, LogLevel logLevel)
    {
        logging.ClearProviders().AddConsole(form);
        logging.SetMinimumLevel(LogLevel.Warning);
        // Orleans warns of every long garbage collection; its errors are what an operator acts on.
        logging.AddFilter("Orleans", LogLevel.Error);
        // Orleans' retries: a silo that is gone shows as calls that are repeated.
        logging.AddFilter("Polly", LogLevel.None);
        // Its first start anywhere warns that a key lies unencrypted; the key guards the pages' forms and nothing else.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("Streams", logLevel);
    }

    private static void ConfigureSilo(ISiloBuilder silo, StreamsOptions options, IConnectionMultiplexer stateRedis)
    {
        var address = options.Orleans.AdvertisedAddress.Length > 0 ? IPAddress.Parse(options.Orleans.AdvertisedAddress)
            : options.EmbeddedRedis ? IPAddress.Loopback
            : null;
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.Orleans.ClusterId;
            cluster.ServiceId = options.Orleans.ServiceId;
        });
        if (options.EmbeddedRedis)
        {
            silo.UseLocalhostClustering(options.Orleans.SiloPort, options.Orleans.GatewayPort, null, options.Orleans.ServiceId, options.Orleans.ClusterId);
        }
        else
        {
            silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = options.RedisClient());
            if (address is null)
            {
                silo.ConfigureEndpoints(options.Orleans.SiloPort, options.Orleans.GatewayPort);
            }
            else
            {
                silo.ConfigureEndpoints(address, options.Orleans.SiloPort, options.Orleans.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
            }

            // A killed silo is declared dead in about three seconds instead of ten, by one other silo: sooner than its partitions are handed on
            // (Streams:Kafka:SessionTimeout), and not for a pause of a busy machine.
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 3;
                membership.NumVotesForDeathDeclaration = 1;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            });
        }

        // State is bytes: JSON would store them as text a third longer. It never expires: a lost offset would double effects.
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            StreamsStorage.Name, (services, _) => new RedisStreamStorage(
                stateRedis, services.GetRequiredService<FencedWrites>(), services.GetRequiredService<OrleansGrainStorageSerializer>(), options));
        silo.Services.AddSingleton<OrleansGrainStorageSerializer>();
    }

    private static async Task StartWebAsync(WebApplication app, StreamsOptions options, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException || e.Message.Contains("in use", StringComparison.Ordinal))
        {
            throw new StreamsException($"The dashboard's address {options.Dashboard.Url} is in use", "stop what listens there, or set Streams:Dashboard:Url (--dashboard-url)");
        }
        catch (Exception e) when (e.GetBaseException() is System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressAlreadyInUse })
        {
            throw new StreamsException(
                $"Silo port {options.Orleans.SiloPort} or gateway port {options.Orleans.GatewayPort} is in use",
                "is another Streams host running here? Stop it, or set Streams:Orleans:SiloPort and GatewayPort");
        }
    }
}
