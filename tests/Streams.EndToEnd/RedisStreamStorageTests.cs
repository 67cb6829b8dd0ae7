using System.Text;
using Orleans.Storage;
using StackExchange.Redis;
using Streams.Grains;
using Streams.Grains.Partitions;
using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest;
using Streams.Schemas;
using Streams.TestKit.Redis;

namespace Streams.EndToEnd;

/// <summary>The scripts that write and read grains' states, on a real redis-server.</summary>
public sealed class RedisStreamStorageTests : IAsyncLifetime
{
    private static readonly PartitionId Partition = new(Topics.LiveRun, Topics.LabelSamples, 3);
    private static readonly GrainId Grain = GrainId.Create("stream", new StreamKey(Topics.LiveRun, Topics.LabelSamples, "task").ToString());

    private readonly RedisServer _server = new();
    private readonly StreamsOptions _options = new();
    private IConnectionMultiplexer _redis = null!;
    private FencedWrites _writes = null!;
    private RedisStreamStorage _storage = null!;
    private RedisPartitionCursors _cursors = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Remedy);
        await _server.StartAsync();
        _redis = await ConnectionMultiplexer.ConnectAsync($"{_server.ConnectionString},abortConnect=false");
        _writes = new FencedWrites(_redis, _options);
        _storage = new RedisStreamStorage(_redis, _writes, new JsonSerializer(), _options);
        _cursors = new RedisPartitionCursors(_redis, _options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Write_UnderTheLeaseInForce_IsReadAgain()
    {
        var lease = await AcquireAsync();
        var written = await WriteAsync(new(), "one", lease);
        await WriteAsync(written, "two", lease);
        var read = await ReadAsync();
        Assert.Equal(("two", true), (read.State!.Value, read.RecordExists));
        await WriteAsync(read, "three", lease);
        Assert.Equal("three", (await ReadAsync()).State!.Value);
        Assert.Equal(TimeSpan.Zero, (await _redis.GetDatabase().KeyTimeToLiveAsync(StateKeys.Of(_options.Orleans.ServiceId, "stream", Grain))) ?? TimeSpan.Zero);
    }

    [Fact]
    public async Task Write_AfterAnotherActivationsWrite_IsRefused()
    {
        var lease = await AcquireAsync();
        var first = await WriteAsync(new(), "one", lease);
        var second = await ReadAsync();
        await WriteAsync(second, "two", lease);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(first, "three", lease));
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(new(), "four", lease));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("stream", Grain, first));
        Assert.Equal("two", (await ReadAsync()).State!.Value);
        await _storage.ClearStateAsync("stream", Grain, second);
        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Write_UnderALeaseThatIsOver_IsRefused()
    {
        var lease = await AcquireAsync();
        var written = await WriteAsync(new(), "one", lease);
        await AcquireAsync();
        var error = await Assert.ThrowsAsync<Streams.Grains.StaleEpochException>(() => WriteAsync(written, "two", lease));
        Assert.Contains("epoch 1 is over, 2 is in force", error.Message, StringComparison.Ordinal);
        Assert.Equal("one", (await ReadAsync()).State!.Value);
    }

    [Fact]
    public async Task Write_ServerCameBackWithoutTheLastWrites_IsRefusedThoughTheETagIsCurrentAgain()
    {
        var lease = await AcquireAsync();
        var stale = await WriteAsync(new(), "one", lease);
        // Whoever is to lose its writes comes after what is on disk.
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        var kept = _server.FileLength;
        var other = await ReadAsync();
        await WriteAsync(other, "two", lease);
        await _server.KillAsync();
        _server.Truncate(kept);
        await _server.StartAsync();
        var read = await ReadAsync();
        Assert.Equal(("one", stale.ETag), (read.State!.Value, read.ETag));

        await Assert.ThrowsAsync<Streams.Grains.StoreRolledBackException>(() => WriteAsync(stale, "three", lease));
        Assert.Equal("one", (await ReadAsync()).State!.Value);
        await WriteAsync(stale, "two", await AcquireAsync());
        Assert.Equal("two", (await ReadAsync()).State!.Value);
    }

    [Fact]
    public async Task Write_ManyGrainsAtOnce_ShareScriptsAndKeepOutcomesOfTheirOwn()
    {
        const int Grains = 1_000;
        var lease = await AcquireAsync();
        var states = Enumerable.Range(0, Grains).Select(_ => new GrainState<Note>()).ToList();
        await Task.WhenAll(states.Select((state, i) => _storage.WriteStateAsync("stream", GrainOf(i), With(state, $"first {i}", lease))));
        // Every tenth was written by somebody else meanwhile.
        foreach (var i in Enumerable.Range(0, Grains / 10).Select(tenth => tenth * 10))
        {
            var other = new GrainState<Note>();
            await _storage.ReadStateAsync("stream", GrainOf(i), other);
            await _storage.WriteStateAsync("stream", GrainOf(i), With(other, "somebody else", lease));
        }

        var before = _writes.Scripts;
        var outcomes = await Task.WhenAll(states.Select(async (state, i) =>
        {
            try
            {
                await _storage.WriteStateAsync("stream", GrainOf(i), With(state, $"second {i}", lease));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        Assert.InRange(_writes.Scripts - before, 1, Grains / 20);
        Assert.Equal(Enumerable.Range(0, Grains).Select(i => i % 10 != 0), outcomes);
        for (var i = 0; i < Grains; i++)
        {
            var read = new GrainState<Note>();
            await _storage.ReadStateAsync("stream", GrainOf(i), read);
            Assert.Equal(i % 10 == 0 ? "somebody else" : $"second {i}", read.State!.Value);
        }
    }

    [Fact]
    public async Task States_OfManyKeys_AreReadAndWrittenInFewScriptsAndAreThoseOfTheirGrains()
    {
        const int Keys = 1_000;
        var lease = await AcquireAsync();
        await WriteAsync(new(), "of its own grain", lease);
        StreamKey[] keys = [StreamKey.Parse(Grain.Key.ToString()!), .. Enumerable.Range(1, Keys - 1).Select(i => new StreamKey(Topics.LiveRun, Topics.LabelSamples, $"task {i}"))];

        var before = _writes.Scripts;
        var found = await _writes.ReadAsync(FenceOf(lease), keys);
        Assert.Equal("of its own grain", new JsonSerializer().Deserialize<Note>(new BinaryData(found[0].Data)).Value);
        Assert.All(found.Skip(1), state => Assert.Null(state.ETag));

        var written = await _writes.WriteAsync(FenceOf(lease), [.. keys.Select((key, i) => new StateWrite(key, found[i].ETag, Bytes($"first {i}")))]);
        Assert.Equal(Keys, written.Distinct().Count(etag => etag is not null));
        // Those that hold an older version are refused, each by itself.
        var again = await _writes.WriteAsync(FenceOf(lease), [.. keys.Select((key, i) => new StateWrite(key, i % 10 == 0 ? found[i].ETag : written[i], Bytes($"second {i}")))]);
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => i % 10 == 0), again.Select(etag => etag is null));
        Assert.InRange(_writes.Scripts - before, 3, 3 * Keys / 100);

        var read = await _writes.ReadAsync(FenceOf(lease), keys);
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => i % 10 == 0 ? $"first {i}" : $"second {i}"), read.Select(state => Encoding.UTF8.GetString(state.Data.Span)));
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => again[i] ?? written[i]), read.Select(state => state.ETag));
    }

    [Fact]
    public async Task States_UnderALeaseThatIsOver_AreNeitherReadNorWritten()
    {
        var (key, lease) = (StreamKey.Parse(Grain.Key.ToString()!), await AcquireAsync());
        var written = await _writes.WriteAsync(FenceOf(lease), [new StateWrite(key, null, Bytes("one"))]);
        var next = await AcquireAsync();

        await Assert.ThrowsAsync<Streams.Grains.StaleEpochException>(() => _writes.ReadAsync(FenceOf(lease), [key]));
        await Assert.ThrowsAsync<Streams.Grains.StaleEpochException>(() => _writes.WriteAsync(FenceOf(lease), [new StateWrite(key, written[0], Bytes("two"))]));
        Assert.Equal("one", Encoding.UTF8.GetString((await _writes.ReadAsync(FenceOf(next), [key]))[0].Data.Span));
    }

    [Fact]
    public async Task States_ServerWasRestarted_AreNeitherReadNorWrittenUnderTheLeaseBefore()
    {
        var (key, lease) = (StreamKey.Parse(Grain.Key.ToString()!), await AcquireAsync());
        var written = await _writes.WriteAsync(FenceOf(lease), [new StateWrite(key, null, Bytes("{}"))]);
        await _server.KillAsync();
        await _server.StartAsync();
        // The connection is back.
        await ReadAsync();

        await Assert.ThrowsAsync<Streams.Grains.StoreRolledBackException>(() => _writes.ReadAsync(FenceOf(lease), [key]));
        await Assert.ThrowsAsync<Streams.Grains.StoreRolledBackException>(() => _writes.WriteAsync(FenceOf(lease), [new StateWrite(key, written[0], Bytes("two"))]));
    }

    [Fact]
    public async Task Verify_ManyGrainsAtOnce_ShareScripts()
    {
        var lease = await AcquireAsync();
        await VerifyManyAsync(lease);
        Assert.InRange(_writes.Scripts, 1, 20);
        await AcquireAsync();
        await Assert.ThrowsAsync<Streams.Grains.StaleEpochException>(() => VerifyManyAsync(lease));
    }

    private Task VerifyManyAsync(PartitionLease lease) => Task.WhenAll(Enumerable.Range(0, 500)
        .Select(_ => _writes.VerifyAsync(Partition.Run, Partition.Topic, Partition.Partition, lease.Epoch, lease.Id).AsTask()));

    private static GrainId GrainOf(int i) => GrainId.Create("stream", new StreamKey(Topics.LiveRun, Topics.LabelSamples, $"task-{i}").ToString());

    private static GrainState<Note> With(GrainState<Note> state, string value, PartitionLease lease)
    {
        state.State = new Note { Value = value, Fence = FenceOf(lease) };
        return state;
    }

    private static PartitionFence FenceOf(PartitionLease lease) => new(Partition.Run, Partition.Topic, Partition.Partition, lease.Epoch, lease.Id);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<PartitionLease> AcquireAsync() => await _cursors.AcquireAsync(Partition, CancellationToken.None);

    private async Task<GrainState<Note>> WriteAsync(GrainState<Note> state, string value, PartitionLease lease)
    {
        await _storage.WriteStateAsync("stream", Grain, With(state, value, lease));
        return state;
    }

    /// <summary>The connection may take a moment to come back.</summary>
    private async Task<GrainState<Note>> ReadAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                var state = new GrainState<Note>();
                await _storage.ReadStateAsync("stream", Grain, state);
                return state;
            }
            catch (RedisConnectionException) when (attempt < 50)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
            }
        }
    }

    private sealed class Note : IFencedState
    {
        public string Value { get; set; } = "";

        [System.Text.Json.Serialization.JsonIgnore]
        public PartitionFence? Fence { get; set; }
    }

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(Encoding.UTF8.GetBytes(System.Text.Json.JsonSerializer.Serialize(input)));

        public T Deserialize<T>(BinaryData input) => System.Text.Json.JsonSerializer.Deserialize<T>(input.ToString())!;
    }
}
