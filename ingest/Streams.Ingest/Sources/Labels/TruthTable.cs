using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Streams.Ingest.Sources.Labels;

/// <summary>What an oracle knows: the label of every sample of a task's pool.</summary>
public sealed class TruthTable
{
    private readonly string[] _labels;

    private TruthTable(string[] labels) => _labels = labels;

    /// <summary>Number of samples, which are numbered from 0: what <see cref="Schemas.Labels.LabelTask.Pool"/> is to be.</summary>
    public int Pool => _labels.Length;

    /// <summary>How often each label occurs, the most frequent first.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts =>
        [.. _labels.CountBy(label => label).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)];

    /// <summary>The label of a sample, by its number as queries name it.</summary>
    public bool TryGetLabel(long sample, [NotNullWhen(true)] out string? label)
    {
        label = sample >= 0 && sample < _labels.Length ? _labels[sample] : null;
        return label is not null;
    }

    /// <summary>Reads the table of one task.</summary>
    /// <param name="path">A file as <see cref="LabelCsvOptions.Path"/> describes it; the samples are the numbers from 0 up, in any order.</param>
    /// <param name="task">The task; null where the file has no task column.</param>
    /// <param name="ct">Stops reading.</param>
    /// <exception cref="SourceException">A number is missing, occurs twice or is none.</exception>
    public static async Task<TruthTable> LoadAsync(string path, string? task = null, CancellationToken ct = default)
    {
        // Without a task column every row belongs to the one task, whatever its name.
        var options = new LabelCsvOptions { Path = path, Task = task ?? "truth" };
        var file = await LabelCsv.CheckAsync(options, ct);
        var labels = new Dictionary<int, string>();
        await foreach (var (sample, _, table) in LabelCsv.ReadAsync(options, file, ct))
        {
            if (!int.TryParse(sample.Sample, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw table.Fault(LabelCsv.Column(table, file, "sample"), "is not a number; number the samples of a pool from 0");
            }

            if (!labels.TryAdd(number, sample.Label!))
            {
                throw table.Fault(LabelCsv.Column(table, file, "sample"), "occurs twice; give each sample one label");
            }
        }

        var missing = Enumerable.Range(0, labels.Count).FirstOrDefault(number => !labels.ContainsKey(number), -1);
        return missing < 0
            ? new TruthTable([.. Enumerable.Range(0, labels.Count).Select(number => labels[number])])
            : throw new SourceException($"{file}: sample {missing} is missing among {labels.Count}; number the samples of a pool from 0 without a gap");
    }
}
