using System.Runtime.CompilerServices;
using Streams.Schemas;
using Streams.Schemas.Labels;

namespace Streams.Ingest.Sources.Labels;

/// <summary>The rows of a table of labels.</summary>
internal static class LabelCsv
{
    private const string TaskRemedy = "name the task, or give the file a column 'task'";

    /// <summary>Checks the options and the header.</summary>
    public static async Task<string> CheckAsync(LabelCsvOptions options, CancellationToken ct)
    {
        OptionsCheck.Annotations(options);
        var path = OptionsCheck.File(nameof(options.Path), options.Path, "a CSV file");
        if (options.Task is not null)
        {
            OptionsCheck.Key(nameof(options.Task), options.Task);
        }

        using var table = await CsvTable.OpenAsync(path, ct);
        _ = Column(table, path, "sample");
        _ = Column(table, path, "label");
        return options.Task is null && Find(table, "task") < 0
            ? throw new SourceException($"Task is missing and {path} has no column of that name; {TaskRemedy}")
            : path;
    }

    /// <summary>The samples of the rows that the options choose, each with its row's number from 0 and the table for faults.</summary>
    public static async IAsyncEnumerable<(LabelSample Sample, long Row, CsvTable Table)> ReadAsync(
        LabelCsvOptions options, string path, [EnumeratorCancellation] CancellationToken ct)
    {
        using var table = await CsvTable.OpenAsync(path, ct);
        var (sample, label, task, oracle) = (Column(table, path, "sample"), Column(table, path, "label"), Find(table, "task"), Find(table, "oracle"));
        var any = false;
        for (var row = 0L; await table.ReadAsync(ct); row++)
        {
            var taskName = task < 0 ? options.Task! : table[task];
            if (options.Task is not null && taskName != options.Task)
            {
                continue;
            }

            any = true;
            var oracleName = oracle < 0 || table[oracle].Length == 0 ? options.Oracle : table[oracle];
            var read = new LabelSample(taskName, table[sample], table[label], oracleName);
            try
            {
                LabelCodec.Encode(read);
            }
            catch (RecordFormatException e)
            {
                var column = e.Field switch { "data.label" => label, "data.task" when task >= 0 => task, "data.oracle" when oracle >= 0 => oracle, _ => sample };
                throw table.Fault(column, $"is refused ({e.Message})", e);
            }

            yield return (read, row, table);
        }

        if (!any)
        {
            throw new SourceException($"{path} has no row{(options.Task is null ? "" : $" of task '{options.Task}'")}; give a file with rows, or another task");
        }
    }

    /// <summary>Position of the column, by its name in any case.</summary>
    public static int Column(CsvTable table, string path, string name) => Find(table, name) is var column and >= 0
        ? column
        : throw new SourceException($"{path}, line 1: no column '{name}' among {string.Join(", ", table.Columns.Take(8))}; the header is sample,label[,task][,oracle]");

    private static int Find(CsvTable table, string name) =>
        table.Columns.Select((column, i) => (column, i)).Where(c => c.column.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(c => c.i).FirstOrDefault(-1);
}
