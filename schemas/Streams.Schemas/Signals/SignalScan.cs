using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Streams.Schemas.Signals;

/// <summary>
/// Recognises records of readings that are valid beyond doubt, where they lie and without allocating: those that are one batch and, apart
/// from its numbers, begin like a record that was read in full before. A network's producer sends the same schema with every record. What is unusual is left to
/// <see cref="SignalCodec.Decode"/>, which also knows what to say of errors. Hot path: every record of <see cref="Topics.SensorSignals"/>.
/// </summary>
internal static class SignalScan
{
    private const int FrameBytes = 8;
    private const int StructBytes = 16;
    private const byte RecordBatchMessage = 3;

    // Together 16 MB at most.
    private const int MaxPrefixBytes = 16 * 1024;

    // Written by any thread: a reference at a time, and of two schemas that share a place whichever is last stays.
    private static readonly KnownLayout?[] Known = new KnownLayout?[1024];

    /// <summary>True: <see cref="SignalCodec.Decode"/> would accept <paramref name="stream"/> under <paramref name="network"/>. False says nothing.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> stream, string network)
    {
        var schema = MessageLength(stream, 0);
        return schema > 0
            && Place(stream[..schema]) is { } layout
            && layout.Network == network
            && layout.Matches(stream)
            && Long(stream, layout.BodyLengthAt) is >= 0 and var body
            && body <= stream.Length - layout.Prefix.Length - FrameBytes
            && Long(stream, layout.Prefix.Length + (int)body) == uint.MaxValue
            && AreColumnsPlain(stream, stream.Slice(layout.Prefix.Length, (int)body), layout);
    }

    /// <summary>Keeps the layout of a stream that was read in full, if it is one of those to expect again.</summary>
    public static void Remember(ReadOnlySpan<byte> stream, string network, Schema schema)
    {
        var length = MessageLength(stream, 0);
        ref var place = ref Place(stream[..length]);
        if (place is { } known && known.Network == network && known.Matches(stream))
        {
            return;
        }

        var end = length + MessageLength(stream, length);
        if (end == length || end > MaxPrefixBytes || new ArrowStreamGuard.Table(stream[FrameBytes..length], 0).Int64(3) != 0)
        {
            return;
        }

        var at = length + FrameBytes;
        var message = new ArrowStreamGuard.Table(stream[at..end], at);
        if (message.Byte(1) != RecordBatchMessage || message.Place(3) == 0 || message.Child(2) is var batch && batch.Place(0) == 0)
        {
            return;
        }

        var layout = new KnownLayout(
            stream[..end].ToArray(),
            network,
            [.. schema.FieldsList.Select(field => field.DataType switch
            {
                TimestampType => ColumnKind.Time,
                FloatType => ColumnKind.Single,
                _ => ColumnKind.Double,
            })],
            at + message.Place(3),
            at + batch.Place(0),
            at + batch.Vector(1, StructBytes).Start,
            at + batch.Vector(2, StructBytes).Start);
        if (layout.IsPlain)
        {
            place = layout;
        }
    }

    private static ref KnownLayout? Place(ReadOnlySpan<byte> schema)
    {
        var hash = default(HashCode);
        hash.AddBytes(schema);
        return ref Known[(uint)hash.ToHashCode() % (uint)Known.Length];
    }

    /// <summary>Length of the metadata of the message at <paramref name="at"/>, its frame included; 0 when there is none.</summary>
    private static int MessageLength(ReadOnlySpan<byte> stream, int at) =>
        stream.Length - at > FrameBytes && BinaryPrimitives.ReadInt32LittleEndian(stream[(at + 4)..]) is > 0 and var size && size <= stream.Length - at - FrameBytes
            ? FrameBytes + size
            : 0;

    private static long Long(ReadOnlySpan<byte> stream, int at) => BinaryPrimitives.ReadInt64LittleEndian(stream[at..]);

    private static bool AreColumnsPlain(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> body, KnownLayout layout)
    {
        var columns = layout.Columns;
        var rows = Long(stream, layout.RowsAt);
        // As the decoder counts what the columns need.
        if (rows <= 0 || rows > stream.Length || rows * (8 + (4L * (columns.Length - 1))) > stream.Length)
        {
            return false;
        }

        for (var i = 0; i < columns.Length; i++)
        {
            var node = layout.NodesAt + (i * StructBytes);
            var (length, nulls) = (Long(stream, node), Long(stream, node + sizeof(long)));
            var width = columns[i] == ColumnKind.Single ? sizeof(float) : sizeof(double);
            if (length != rows
                || nulls < 0 || nulls > rows || (nulls > 0 && columns[i] == ColumnKind.Time)
                || !TryBuffer(stream, body, layout.BuffersAt + (2 * i * StructBytes), out var validity)
                || !TryBuffer(stream, body, layout.BuffersAt + (((2 * i) + 1) * StructBytes), out var values)
                || (nulls > 0 && validity.Length < (rows + 7) / 8)
                || values.Length < rows * width)
            {
                return false;
            }

            values = values[..(int)(rows * width)];
            var plain = columns[i] switch
            {
                ColumnKind.Time => AreTimes(MemoryMarshal.Cast<byte, long>(values)),
                ColumnKind.Single => !MemoryMarshal.Cast<byte, float>(values).ContainsAny(float.PositiveInfinity, float.NegativeInfinity),
                _ => !MemoryMarshal.Cast<byte, double>(values).ContainsAny(double.PositiveInfinity, double.NegativeInfinity),
            };
            if (!plain)
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryBuffer(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> body, int at, out ReadOnlySpan<byte> buffer)
    {
        var (offset, length) = (Long(stream, at), Long(stream, at + sizeof(long)));
        var isInside = offset >= 0 && length >= 0 && offset <= body.Length && length <= body.Length - offset;
        buffer = isInside ? body.Slice((int)offset, (int)length) : default;
        return isInside;
    }

    private static bool AreTimes(ReadOnlySpan<long> microseconds)
    {
        foreach (var time in microseconds)
        {
            if (time < EventTime.MinMicroseconds || time > EventTime.MaxMicroseconds)
            {
                return false;
            }
        }

        return true;
    }

    private enum ColumnKind : byte
    {
        Time,
        Single,
        Double,
    }

    /// <summary>All that came before the first batch's body in a stream that was read in full, and where in it the numbers lie that differ from record to record.</summary>
    private sealed record KnownLayout(byte[] Prefix, string Network, ColumnKind[] Columns, int BodyLengthAt, int RowsAt, int NodesAt, int BuffersAt)
    {
        private readonly (int Start, int Length)[] _numbers =
        [
            .. new[]
            {
                (BodyLengthAt, sizeof(long)), (RowsAt, sizeof(long)), (NodesAt, Columns.Length * StructBytes), (BuffersAt, Columns.Length * 2 * StructBytes),
            }.OrderBy(number => number.Item1),
        ];

        /// <summary>The numbers lie apart from each other: where a hostile writer made them overlap, their change could change what the rest means.</summary>
        public bool IsPlain => _numbers.Zip(_numbers.Skip(1)).All(pair => pair.First.Start + pair.First.Length <= pair.Second.Start)
            && _numbers[^1].Start + _numbers[^1].Length <= Prefix.Length;

        /// <summary>Everything else is the same, byte by byte.</summary>
        public bool Matches(ReadOnlySpan<byte> stream)
        {
            if (stream.Length < Prefix.Length)
            {
                return false;
            }

            var at = 0;
            foreach (var (start, length) in _numbers)
            {
                if (!stream[at..start].SequenceEqual(Prefix.AsSpan(at..start)))
                {
                    return false;
                }

                at = start + length;
            }

            return stream[at..Prefix.Length].SequenceEqual(Prefix.AsSpan(at));
        }
    }
}
