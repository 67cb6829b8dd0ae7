using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Streams.Schemas;

namespace Streams.Ingest.Sources.Signals;

/// <summary>An Arrow IPC stream or file, batch by batch. The reader of Arrow throws exceptions of many types; here they become one.</summary>
internal sealed class ArrowReading : IDisposable
{
    private static ReadOnlySpan<byte> FileMagic => "ARROW1"u8;

    // 0xFFFFFFFF, then the length of a message: 0 for the end.
    private static ReadOnlySpan<byte> Continuation => [0xFF, 0xFF, 0xFF, 0xFF];

    private static ReadOnlySpan<byte> EndOfStream => [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

    private readonly string _path;
    private readonly ArrowStreamReader _reader;

    private ArrowReading(string path, ArrowStreamReader reader, Schema schema) => (_path, _reader, Schema) = (path, reader, schema);

    public Schema Schema { get; }

    public static async Task<ArrowReading> OpenAsync(string path, CancellationToken ct)
    {
        ArrowStreamReader? reader = null;
        try
        {
            reader = Recognise(path, new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous));
            return new ArrowReading(path, reader, await reader.GetSchema(ct) ?? throw new RecordFormatException("schema", "is missing"));
        }
        catch (Exception e)
        {
            reader?.Dispose();
            throw Unreadable(path, e) ?? e;
        }
    }

    /// <summary>The next batch; null at the end.</summary>
    public async ValueTask<RecordBatch?> ReadAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            var batch = await _reader.ReadNextRecordBatchAsync(ct);
            if (batch is not null)
            {
                CheckLengths(batch);
            }

            return batch;
        }
        catch (Exception e) when (Unreadable(_path, e) is { } fault)
        {
            throw fault;
        }
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Arrow's reader believes the counts that it finds; here they are held against the bytes that are there.</summary>
    private void CheckLengths(RecordBatch batch)
    {
        if (batch.ColumnCount != Schema.FieldsList.Count)
        {
            throw new RecordFormatException("arrow", $"a batch has {batch.ColumnCount} columns and the schema {Schema.FieldsList.Count}");
        }

        foreach (var column in Enumerable.Range(0, batch.ColumnCount))
        {
            var data = batch.Column(column).Data;
            var name = Schema.FieldsList[column].Name;
            if (data.Length != batch.Length)
            {
                throw new RecordFormatException(name, $"{data.Length} values in a batch of {batch.Length} rows");
            }

            if (data.DataType is FixedWidthType type && data.Buffers[1].Length < (long)data.Length * type.BitWidth / 8)
            {
                throw new RecordFormatException(name, $"{data.Buffers[1].Length} bytes for {data.Length} values");
            }

            var flags = data.Buffers[0].Length;
            if (flags > 0 && flags < (data.Length + 7) / 8)
            {
                throw new RecordFormatException(name, $"{flags} bytes of null flags for {data.Length} values");
            }
        }
    }

    private static ArrowStreamReader Recognise(string path, FileStream file)
    {
        try
        {
            Span<byte> head = stackalloc byte[8];
            Span<byte> tail = stackalloc byte[8];
            head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            file.Position = Math.Max(0, file.Length - tail.Length);
            tail = tail[..file.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false)];
            file.Position = 0;
            if (head.StartsWith(FileMagic))
            {
                return tail.EndsWith(FileMagic) ? new ArrowFileReader(file) : throw Broken(path, "an Arrow file ends with ARROW1");
            }

            // The reader takes the end of the bytes for the end of the stream, wherever it comes.
            return !head.StartsWith(Continuation)
                ? throw new SourceException($"{path} is neither an Arrow IPC stream nor file (it begins with {Convert.ToHexString(head)}); write it with Arrow's stream or file writer")
                : tail.SequenceEqual(EndOfStream) ? new ArrowStreamReader(file) : throw Broken(path, "an Arrow stream ends with FFFFFFFF00000000");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SourceException Broken(string path, string how) => new($"{path} breaks off ({how}); copy it again, or write it to its end");

    private static SourceException? Unreadable(string path, Exception e) => e switch
    {
        SourceException or OperationCanceledException => null,
        IOException or UnauthorizedAccessException => new($"{path} cannot be read ({e.Message}); check its permissions and the disk", e),
        _ => new($"{path} is not readable Arrow data ({e.Message.ReplaceLineEndings(" ")}); write it again, uncompressed, with Arrow's stream or file writer", e),
    };
}
