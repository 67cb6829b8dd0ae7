using System.Globalization;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Signals;

namespace Streams.Ingest.Sources.Signals;

/// <summary>Makes records of readings.</summary>
public static class SignalRecords
{
    /// <summary>Largest record that the sources make, well under what a topic takes.</summary>
    internal const int MaxBytes = 12 * 1024 * 1024;

    /// <summary>One record of <see cref="Topics.SensorSignals"/>.</summary>
    /// <param name="batch">The readings; their latest time becomes the record's.</param>
    /// <param name="sequence">Number of the record within its source. Together with network and time it makes the id.</param>
    /// <exception cref="RecordFormatException">A value is beyond float32.</exception>
    public static SourceRecord Create(SignalBatch batch, long sequence)
    {
        var time = batch.Times.Max();
        return new SourceRecord(
            Topics.SensorSignals,
            batch.Network,
            new EventEnvelope(
                string.Create(CultureInfo.InvariantCulture, $"{batch.Network}/{EventTime.ToMicroseconds(time)}/{sequence}"),
                $"/networks/{Uri.EscapeDataString(batch.Network)}",
                EventTypes.SensorSignal,
                time,
                ContentType: "application/vnd.apache.arrow.stream"),
            [],
            SignalCodec.Encode(batch));
    }

    /// <summary>Refuses a number of rows that would make a record too large.</summary>
    internal static void CheckSize(int rows, int sensors)
    {
        var rowBytes = sizeof(long) + ((long)sensors * sizeof(float));
        if (rows * rowBytes > MaxBytes)
        {
            throw new SourceException($"RowsPerRecord is {rows}, with {sensors} sensors {rows * rowBytes} bytes a record; give at most {MaxBytes / rowBytes}");
        }
    }
}
