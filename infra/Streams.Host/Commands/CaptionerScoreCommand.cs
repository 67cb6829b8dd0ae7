using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Processors.Captioning.Evaluation.Quality;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner score</c>: measures a model, or answers that something else made, against a file of references.</summary>
internal static class CaptionerScoreCommand
{
    public static Command Create()
    {
        var references = new Option<FileInfo>("--references")
        {
            Description = "JSON lines: {\"id\", \"task\": \"caption|choice|box|text\", \"references\": [...], \"images\": [...] or \"video\", \"prompt\"}; paths relative to the file.",
            Required = true,
        };
        var predictions = new Option<FileInfo?>("--predictions") { Description = "JSON lines {\"id\", \"text\"} to measure, from any model." };
        var model = new Option<DirectoryInfo?>("--model") { Description = "Model folder that is to answer: a published checkpoint, or one made by `streams captioner train`." };
        var write = new Option<FileInfo?>("--write-predictions") { Description = "Where to keep what the model answers." };
        var device = CaptionerMedia.Device();
        var precision = CaptionerMedia.Precision();
        var tokens = new Option<int>("--max-new-tokens") { Description = "Longest answer of a published checkpoint.", DefaultValueFactory = _ => 64 };
        var json = CommonOptions.Json();
        var command = new Command("score", "Measure answers: exact match, attributes, BLEU-4, CIDEr, option letter, IoU > 0.5, ANLS.") { references, predictions, model, write, device, precision, tokens, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(predictions) is null == result.GetValue(model) is null)
            {
                result.AddError("give either --predictions or --model");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var file = Existing(parsed.GetValue(references)!, "--references");
            var lines = await EvaluationFiles.ReadReferencesAsync(file.FullName, File.ReadLinesAsync(file.FullName, cancellation), cancellation);
            var answers = parsed.GetValue(model) is { } folder
                ? await AnswerAsync(lines, file.DirectoryName!, folder.FullName, parsed.GetValue(device)!, parsed.GetValue(precision)!, parsed.GetValue(tokens), parsed.GetValue(write), cancellation)
                : await ReadPredictionsAsync(Existing(parsed.GetValue(predictions)!, "--predictions").FullName, cancellation);
            Print(QualityScorer.Score(lines, answers), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyDictionary<string, string>> AnswerAsync(
        IReadOnlyList<EvaluationReference> references, string mediaFolder, string model, string device, string precision, int maxNewTokens, FileInfo? write, CancellationToken ct)
    {
        await using var answerer = await ReferenceAnswerer.LoadAsync(model, device, precision, maxNewTokens);
        await using var kept = write is null ? null : new StreamWriter(write.FullName, append: false);
        var answers = new Dictionary<string, string>();
        await Bars.Create().StartAsync(async context =>
        {
            var began = Stopwatch.GetTimestamp();
            var bar = context.AddTask("answering", maxValue: Math.Max(1, references.Count));
            foreach (var reference in references)
            {
                answers[reference.Id] = await answerer.AnswerAsync(reference, mediaFolder, ct);
                if (kept is not null)
                {
                    await kept.WriteLineAsync(EvaluationFiles.ToLine(new EvaluationPrediction { Id = reference.Id, Text = answers[reference.Id] }));
                }

                bar.Show("answering", "answers", answers.Count, began);
            }
        });
        return answers;
    }

    private static Task<IReadOnlyDictionary<string, string>> ReadPredictionsAsync(string path, CancellationToken ct) =>
        EvaluationFiles.ReadPredictionsAsync(path, File.ReadLinesAsync(path, ct), ct);

    private static FileInfo Existing(FileInfo file, string option) =>
        file.Exists ? file : throw new StreamsException($"{option}: '{file.FullName}' is not there", "give a file of JSON lines");

    private static void Print(QualityReport report, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ResultJson.Options));
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("metric").AddColumn(new TableColumn("value").RightAligned()).AddColumn(new TableColumn("over").RightAligned());
        foreach (var metric in report.Metrics)
        {
            table.AddRow(metric.Name, metric.Value.ToString("0.0000", CultureInfo.InvariantCulture), $"{metric.Count}");
        }

        AnsiConsole.Write(table);
        if (report.Missing.Count > 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{report.Missing.Count} of {report.References} references have no prediction[/] and count as empty answers, the first is \"{report.Missing[0]}\".");
        }
    }
}
