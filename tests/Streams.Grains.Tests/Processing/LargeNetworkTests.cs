using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Streams.Grains.Outbox;
using Streams.Grains.Partitions;
using Streams.Grains.Processing;
using Streams.Processors.GraphFilter.Streaming;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;
using Streams.Schemas.Signals;

namespace Streams.Grains.Tests.Processing;

/// <summary>A network of more sensors than are followed whole, through a grain that is dropped and comes back from its stored state.</summary>
public sealed class LargeNetworkTests : IAsyncLifetime
{
    private const int Size = 40;
    private const int Rows = 240;
    private const int RowsABatch = 24;

    private static readonly GraphFilterOptions Options = new() { WholeSensors = 16, BlockSensors = 12, WindowRows = 160, MinRows = 20, LearnEveryRows = 4 };
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddKeyedSingleton<Orleans.Storage.IGrainStorage>(StreamsStorage.Name, new FaultyStorage());
            silo.Services.AddSingleton<IPartitionLeases>(new FakeLeases());
            silo.Services.AddSingleton<IRunProcessors, GraphFilters>();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Apply_LargeNetwork_IsFollowedInPartsAndSurvivesItsGrain()
    {
        var grain = _cluster.Client.GetGrain<IStreamGrain>(new StreamKey(Topics.LiveRun, Topics.SensorSignals, "large").ToString());
        var results = new List<OutboxResult>();
        var records = Records();
        foreach (var batch in records.Chunk(2))
        {
            var reply = await grain.ApplyAsync(new RecordBatch(0, 1, "large/1", batch));
            Assert.Empty(reply.Rejected);
            results.AddRange(reply.Results);
            await ForgetActivationsAsync();
        }

        // A processor that nothing ever happens to says the same, to the byte.
        var alone = await AloneAsync(records);
        Assert.Equal(alone.Results.Select(draft => Encoding.UTF8.GetString(draft.Data)), results.Select(result => Encoding.UTF8.GetString(result.Data)));

        var graph = alone.Results.Where(draft => draft.Topic == Topics.SensorGraphs).Select(draft => ResultJson.Deserialize<LearnedGraph>(draft.Data)).Last();
        Assert.Equal(Size, graph.Sensors.Count);
        Assert.Contains(graph.Notes, note => note.Contains("overlapping parts", StringComparison.Ordinal));
        var within = graph.Edges.Count(edge => Community(graph.Sensors[edge.From]) == Community(graph.Sensors[edge.To]));
        Assert.InRange(within, 0.8 * graph.Edges.Count, graph.Edges.Count);
        Assert.InRange(graph.Edges.Count, Size / 2, 4 * Size);
    }

    /// <summary>Drops all activations, as a killed silo would.</summary>
    private async Task ForgetActivationsAsync() => await _cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    private static async Task<ProcessorOutput> AloneAsync(IReadOnlyList<InputRecord> records) =>
        await new GraphFilterProcessorFactory(Options).Create("large", null).ApplyAsync(records, CancellationToken.None);

    private static int Community(string sensor) => int.Parse(sensor.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) % 4;

    /// <summary>Four communities that lie scattered over the columns; a sensor is its two neighbours' mean and something of its own.</summary>
    private static List<InputRecord> Records()
    {
        var random = new Random(7);
        string[] sensors = [.. Enumerable.Range(0, Size).Select(i => $"s{i}")];
        var records = new List<InputRecord>();
        for (var first = 0; first < Rows; first += RowsABatch)
        {
            var values = new double[RowsABatch * Size];
            for (var row = 0; row < RowsABatch; row++)
            {
                double[] noise = [.. Enumerable.Range(0, Size).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
                for (var i = 0; i < Size; i++)
                {
                    var around = noise[(i + 4) % Size] + noise[(i + Size - 4) % Size];
                    values[(row * Size) + i] = random.NextDouble() < 0.1 ? double.NaN : 20 + (0.5 * i) + noise[i] + around;
                }
            }

            DateTimeOffset[] times = [.. Enumerable.Range(first, RowsABatch).Select(row => Start.AddHours(row))];
            records.Add(new InputRecord(
                0, first / RowsABatch, times[^1], EventTypes.SensorSignal,
                SignalCodec.Encode(new SignalBatch("large", "degC", sensors, times, values), SignalPrecision.Double)));
        }

        return records;
    }

    private sealed class GraphFilters : IRunProcessors
    {
        private readonly GraphFilterProcessorFactory _factory = new(Options);

        public ValueTask<IRecordProcessorFactory> ForAsync(string run, string topic) => ValueTask.FromResult<IRecordProcessorFactory>(_factory);
    }
}
