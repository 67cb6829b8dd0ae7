using Streams.Host.Configuration;
using Streams.Host.Pipeline;
using Streams.Ingest.Decoding;
using Streams.Schemas.Signals;

namespace Streams.Host.Readings;

/// <summary>What the sensors of a network have sent lately, as it came.</summary>
internal sealed class NetworkReadings(StreamsOptions options, TimeProvider time)
{
    /// <summary>Rows of readings in one answer.</summary>
    public const int MaxRows = 500;

    private const long Reach = 1_000;

    private readonly KeyLog _log = new(options, new SensorSignalDecoder(), time, Reach);

    /// <summary>The newest rows by event time, oldest first; a row that came again is as it came last.</summary>
    /// <param name="network">The network.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when the topic holds nothing of the network within reach.</returns>
    public async Task<ReadingTable?> ReadAsync(string network, CancellationToken cancellation)
    {
        var rows = new SortedDictionary<DateTimeOffset, Dictionary<string, double>>();
        var sensors = new SortedSet<string>(StringComparer.Ordinal);
        string? units = null;
        foreach (var record in (await _log.ReadAsync(network, cancellation)).Records)
        {
            var batch = SignalCodec.Decode(record.Payload, network);
            units = batch.Units ?? units;
            sensors.ExceptWith(batch.Renamed.Keys);
            sensors.UnionWith(batch.Sensors.Select(Renamed));
            foreach (var (row, at) in batch.Times.Index())
            {
                var values = rows[at] = rows.GetValueOrDefault(at) ?? [];
                foreach (var (column, sensor) in batch.Sensors.Index())
                {
                    values[Renamed(sensor)] = batch[row, column];
                }
            }

            string Renamed(string sensor) => batch.Renamed.GetValueOrDefault(sensor, sensor);
        }

        var newest = rows.Skip(Math.Max(0, rows.Count - MaxRows)).ToList();
        return rows.Count == 0 ? null : new ReadingTable(
            network,
            units,
            [.. sensors],
            [.. newest.Select(row => row.Key)],
            sensors.ToDictionary(
                sensor => sensor,
                IReadOnlyList<double?> (sensor) => [.. newest.Select(row => row.Value.TryGetValue(sensor, out var value) && !double.IsNaN(value) ? value : (double?)null)]));
    }
}

/// <summary>Readings of a network.</summary>
/// <param name="Network">The network.</param>
/// <param name="Units">Unit of the values; null when the producer names none.</param>
/// <param name="Sensors">Names of all its sensors, sorted.</param>
/// <param name="Times">Event times of the rows, oldest first.</param>
/// <param name="Values">By sensor: its reading in each row; null where it is missing.</param>
internal sealed record ReadingTable(
    string Network, string? Units, IReadOnlyList<string> Sensors, IReadOnlyList<DateTimeOffset> Times, IReadOnlyDictionary<string, IReadOnlyList<double?>> Values);
