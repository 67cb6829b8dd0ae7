using CsvHelper;

namespace Streams.Ingest.Sources;

/// <summary>A CSV file row by row, each with as many fields as the header; faults name file, line and column.</summary>
internal sealed class CsvTable : IDisposable
{
    private const int ShownCharacters = 64;

    private static readonly CsvReaderOptions Strict = new()
    {
        TrackLineNumbers = true,
        TrimWhitespace = true,
        MalformedData = CsvMalformedDataHandling.Throw,
        FieldCountMismatch = CsvFieldCountHandling.Allow,
        // An unclosed quotation mark would otherwise take in the rest of the file.
        MaxRecordSize = 4 * 1024 * 1024,
    };

    private readonly string _path;
    private readonly CsvReader _reader;

    private CsvTable(string path, CsvReader reader) => (_path, _reader) = (path, reader);

    public IReadOnlyList<string> Columns => _reader.Headers;

    /// <summary>A field of the row that <see cref="ReadAsync"/> went to.</summary>
    public string this[int column] => _reader.GetString(column);

    public static async Task<CsvTable> OpenAsync(string path, CancellationToken ct)
    {
        CsvReader? reader = null;
        try
        {
            reader = CsvReader.FromFile(path, Strict, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await reader.ReadHeaderAsync(ct);
            return reader.Headers.Count > 0
                ? new CsvTable(path, reader)
                : throw new SourceException($"{path} is empty; give a CSV file with a header");
        }
        catch (Exception e)
        {
            reader?.Dispose();
            throw Unreadable(path, e) ?? e;
        }
    }

    /// <summary>Number of rows below the header.</summary>
    public static async Task<long> CountRowsAsync(string path, CancellationToken ct)
    {
        using var table = await OpenAsync(path, ct);
        var rows = 0L;
        try
        {
            while (await table._reader.ReadAsync(ct))
            {
                rows++;
            }
        }
        catch (Exception e) when (Unreadable(path, e) is { } fault)
        {
            throw fault;
        }

        return rows;
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="SourceException">The row is malformed.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken ct)
    {
        // The reader looks at the token only when it needs more of the file.
        ct.ThrowIfCancellationRequested();
        try
        {
            if (!await _reader.ReadAsync(ct))
            {
                return false;
            }
        }
        catch (Exception e) when (Unreadable(_path, e) is { } fault)
        {
            throw fault;
        }

        return _reader.FieldCount == Columns.Count
            ? true
            : throw new SourceException(
                $"{_path}, line {_reader.LineNumber}: {_reader.FieldCount} fields where the header has {Columns.Count} (separator '{_reader.Separator}'); give one field per column");
    }

    /// <summary>A fault in the row that was read.</summary>
    public SourceException Fault(int column, string remedy, Exception? inner = null)
    {
        var value = this[column];
        var shown = value.Length <= ShownCharacters ? value : value[..ShownCharacters] + "…";
        return new SourceException($"{_path}, line {_reader.LineNumber}, column '{Columns[column]}': '{shown}' {remedy}", inner);
    }

    public void Dispose() => _reader.Dispose();

    private static SourceException? Unreadable(string path, Exception e) => e switch
    {
        CsvFormatException format => new($"{path}, line {format.LineNumber}: {format.Message}; quote whole fields, and quotation marks by doubling them", e),
        IOException or UnauthorizedAccessException => new($"{path} cannot be read ({e.Message}); check its permissions and the disk", e),
        _ => null,
    };
}
