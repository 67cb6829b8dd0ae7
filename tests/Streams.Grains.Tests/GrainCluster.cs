using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Streams.Grains.Partitions;
using Streams.Grains.Processing;
using Streams.Schemas.Processing;

namespace Streams.Grains.Tests;

/// <summary>One silo with memory storage that can be told to fail, shared by the tests; each test takes keys of its own.</summary>
public sealed class GrainCluster : IAsyncLifetime
{
    private InProcessTestCluster _cluster = null!;

    internal FakeLeases Leases { get; } = new();

    internal FaultyStorage Storage { get; } = new();

    public IGrainFactory Grains => _cluster.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton<Orleans.Storage.IGrainStorage>(StreamsStorage.Name, Storage);
            silo.Services.AddSingleton<IPartitionLeases>(Leases);
            silo.Services.AddSingleton<IStreamStates>(services => new StorageStates(Storage, Leases, services.GetRequiredService<Orleans.Serialization.Serializer<StreamState>>()));
            silo.Services.AddSingleton<IRunProcessors, CountingProcessors>();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>Drops all activations, as a killed silo would: what was only in memory is gone.</summary>
    public async Task ForgetActivationsAsync() =>
        await _cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
}

[CollectionDefinition(Name)]
public sealed class GrainClusterCollection : ICollectionFixture<GrainCluster>
{
    public const string Name = "grain cluster";
}
