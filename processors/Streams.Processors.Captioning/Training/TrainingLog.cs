using System.Globalization;

namespace Streams.Processors.Captioning.Training;

/// <summary>The loss curve as a file of comma-separated values, for a plot and for resuming.</summary>
internal sealed class TrainingLog
{
    public const string FileName = "training.csv";
    private const string Header = "stage,step,loss,rate,patch_shape_accuracy";
    private readonly string _path;

    private TrainingLog(string path) => _path = path;

    /// <summary>A log in <paramref name="folder"/>: a new one, or the lines of an old one up to <paramref name="lines"/>.</summary>
    public static TrainingLog Open(string folder, int lines)
    {
        var path = Path.Combine(folder, FileName);
        var kept = lines == 0 ? [Header] : File.ReadLines(path).Take(lines).ToList();
        File.WriteAllLines(path, kept);
        return new TrainingLog(path) { Lines = kept.Count };
    }

    /// <summary>Lines so far, the header included.</summary>
    public int Lines { get; private set; }

    public void Add(TrainingProgress progress)
    {
        File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{progress.Stage},{progress.Step},{progress.Loss:0.00000},{progress.Rate:0.000000},{progress.Measure:0.0000}\n"));
        Lines++;
    }
}
