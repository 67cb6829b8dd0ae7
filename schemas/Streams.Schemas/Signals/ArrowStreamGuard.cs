using System.Buffers.Binary;

namespace Streams.Schemas.Signals;

/// <summary>
/// Looks through the frame of an Arrow IPC stream before the Arrow reader sees it. That reader trusts the counts and offsets it finds:
/// a field that names itself as its child would overflow the stack, which no process survives, and a vector that claims 2^31 entries
/// would be allocated. Here every offset and count on the way to them is held against the bytes that are there.
/// </summary>
internal static class ArrowStreamGuard
{
    private const byte SchemaMessage = 1;
    private const byte RecordBatchMessage = 3;
    private const int StructBytes = 16;

    public static void Check(ReadOnlySpan<byte> stream)
    {
        if (stream.IsEmpty)
        {
            throw new RecordFormatException("arrow", "the record is empty; send one Arrow IPC stream");
        }

        var position = 0L;
        var columns = -1;
        while (true)
        {
            if (stream.Length - position < 8)
            {
                throw new RecordFormatException("arrow", $"the stream of {stream.Length} bytes ends without its end marker; send all of it");
            }

            var head = stream[(int)position..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(head) != uint.MaxValue)
            {
                throw Damaged(position, "no message starts here (a file, or a format older than Arrow 0.15?)");
            }

            var size = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
            position += 8;
            if (size == 0)
            {
                return;
            }

            if (size < 8 || size > stream.Length - position)
            {
                throw Damaged(position, $"a message claims {size} bytes and {stream.Length - position} are left");
            }

            var body = CheckMessage(new Table(stream.Slice((int)position, size), position), ref columns);
            position += size;
            if (body < 0 || body > stream.Length - position)
            {
                throw Damaged(position, $"a message claims a body of {body} bytes and {stream.Length - position} are left");
            }

            position += body;
        }
    }

    private static long CheckMessage(Table message, ref int columns)
    {
        var body = message.Int64(3);
        var type = message.Byte(1);
        switch (type)
        {
            case SchemaMessage when columns < 0:
                columns = CheckSchema(message.Child(2));
                break;
            case RecordBatchMessage when columns >= 0:
                CheckBatch(message.Child(2), columns, body);
                break;
            default:
                throw Damaged(message.Origin, $"message of type {type} is out of place; write a schema, then record batches without dictionaries");
        }

        return body;
    }

    private static int CheckSchema(Table schema)
    {
        schema.Vector(2, sizeof(int));
        var (fields, count) = schema.Vector(1, sizeof(int));
        if (count > SignalRules.MaxSensors + 1)
        {
            throw new RecordFormatException("sensors", $"{count} columns; give at most {SignalRules.MaxSensors} sensors");
        }

        for (var i = 0; i < count; i++)
        {
            var field = schema.Follow(fields + (i * sizeof(int)));
            field.Vector(6, sizeof(int));
            if (field.Vector(5, sizeof(int)).Count > 0 || field.Has(4))
            {
                throw new RecordFormatException($"column {i}", "is nested or dictionary-encoded; give float32 or float64, one column per sensor");
            }
        }

        return count;
    }

    private static void CheckBatch(Table batch, int columns, long body)
    {
        if (batch.Has(3))
        {
            throw new RecordFormatException("arrow", "the record batch is compressed; write it uncompressed and let Kafka compress the record");
        }

        var rows = batch.Int64(0);
        if (rows < 0 || rows > body / sizeof(long))
        {
            throw Damaged(batch.Origin, $"a record batch claims {rows} rows in {body} bytes");
        }

        var (nodes, nodeCount) = batch.Vector(1, StructBytes);
        var (buffers, bufferCount) = batch.Vector(2, StructBytes);
        if (nodeCount != columns || bufferCount != columns * 2)
        {
            throw Damaged(batch.Origin, $"{nodeCount} columns and {bufferCount} buffers for a schema of {columns} columns");
        }

        for (var i = 0; i < nodeCount; i++)
        {
            if (batch.Int64At(nodes + (i * StructBytes)) != rows)
            {
                throw Damaged(batch.Origin, $"column {i} has another number of rows than the {rows} of its batch");
            }
        }

        for (var i = 0; i < bufferCount; i++)
        {
            var offset = batch.Int64At(buffers + (i * StructBytes));
            var length = batch.Int64At(buffers + (i * StructBytes) + sizeof(long));
            if (offset < 0 || length < 0 || offset > body || length > body - offset)
            {
                throw Damaged(batch.Origin, $"buffer {i} lies at {offset} with {length} bytes, beyond the body of {body}");
            }
        }
    }

    private static RecordFormatException Damaged(long position, string problem) =>
        new("arrow", $"at byte {position}: {problem}; send the whole stream as Arrow's stream writer wrote it");

    /// <summary>A table of the flatbuffer in which Arrow keeps its metadata, each read checked against the message's bytes.</summary>
    internal readonly ref struct Table
    {
        private readonly ReadOnlySpan<byte> _message;
        private readonly int _table;
        private readonly int _vtable;
        private readonly int _slots;

        public Table(ReadOnlySpan<byte> message, long origin)
            : this(message, origin, Target(message, origin, 0))
        {
        }

        private Table(ReadOnlySpan<byte> message, long origin, int table)
        {
            _message = message;
            Origin = origin;
            _table = table;
            var vtable = (long)table - Int32(table);
            if (vtable < 0 || vtable > message.Length - 4)
            {
                throw Damaged(origin, "its metadata point outside the message");
            }

            _vtable = (int)vtable;
            _slots = (BinaryPrimitives.ReadUInt16LittleEndian(message[_vtable..]) - 4) / 2;
            if (_slots < 0 || _vtable + 4 + (_slots * 2) > message.Length)
            {
                throw Damaged(origin, "its metadata point outside the message");
            }
        }

        /// <summary>Where the message starts in the stream, for error texts.</summary>
        public long Origin { get; }

        public bool Has(int slot) => Place(slot) != 0;

        public byte Byte(int slot) => Place(slot) is var place and not 0 && place < _message.Length ? _message[place] : (byte)0;

        public long Int64(int slot) => Place(slot) is var place and not 0 ? Int64At(place) : 0;

        public long Int64At(int place) => place >= 0 && place <= _message.Length - sizeof(long)
            ? BinaryPrimitives.ReadInt64LittleEndian(_message[place..])
            : throw Damaged(Origin, "its metadata point outside the message");

        public Table Child(int slot) => Place(slot) is var place and not 0
            ? Follow(place)
            : throw Damaged(Origin, "the message has no content");

        public Table Follow(int place) => new(_message, Origin, Target(_message, Origin, place));

        /// <summary>Start and count of the vector in <paramref name="slot"/>, empty when absent.</summary>
        public (int Start, int Count) Vector(int slot, int elementBytes)
        {
            if (Place(slot) is var place && place == 0)
            {
                return (0, 0);
            }

            var vector = Target(_message, Origin, place);
            var count = Int32(vector);
            if (count < 0 || count > (_message.Length - vector - sizeof(int)) / elementBytes)
            {
                throw Damaged(Origin, $"its metadata claim a list of {count} entries in {_message.Length} bytes");
            }

            return (vector + sizeof(int), count);
        }

        private static int Target(ReadOnlySpan<byte> message, long origin, int place)
        {
            if (place >= 0 && place <= message.Length - sizeof(int))
            {
                var target = place + (long)BinaryPrimitives.ReadUInt32LittleEndian(message[place..]);
                if (target <= message.Length - sizeof(int))
                {
                    return (int)target;
                }
            }

            throw Damaged(origin, "its metadata point outside the message");
        }

        private int Int32(int place) => place >= 0 && place <= _message.Length - sizeof(int)
            ? BinaryPrimitives.ReadInt32LittleEndian(_message[place..])
            : throw Damaged(Origin, "its metadata point outside the message");

        /// <summary>Where the content of <paramref name="slot"/> lies in the message; 0 when it is absent.</summary>
        public int Place(int slot)
        {
            var offset = slot < _slots ? BinaryPrimitives.ReadUInt16LittleEndian(_message[(_vtable + 4 + (slot * 2))..]) : 0;
            return offset == 0 ? 0 : _table + offset;
        }
    }
}
