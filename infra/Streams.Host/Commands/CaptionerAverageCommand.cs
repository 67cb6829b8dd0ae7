using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Training;

namespace Streams.Host.Commands;

/// <summary><c>streams captioner average</c>: one model with the mean weights of several.</summary>
internal static class CaptionerAverageCommand
{
    public static Command Create()
    {
        var models = new Argument<DirectoryInfo[]>("models") { Description = "Model folders, trained on from the same start.", Arity = new ArgumentArity(2, 100) };
        var output = new Option<DirectoryInfo>("--output") { Description = "Folder to write the model to.", Required = true };
        var version = new Option<string>("--model-version") { Description = "Version that the model's captions carry.", DefaultValueFactory = _ => "1" };
        var json = CommonOptions.Json();
        var command = new Command("average", """
            Write the mean of several models' weights as one model; `captioner eval` measures it.

            Models that were trained on from the same one, with other seeds or shares, keep together what each learned.

            Examples:
              streams captioner average second third --output model --model-version 4
            """) { models, output, version, json };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(output)!.FullName;
            try
            {
                ModelAverage.Write([.. parsed.GetValue(models)!.Select(model => model.FullName)], folder, parsed.GetValue(version)!);
            }
            catch (Exception e) when (e is CheckpointException or ModelConfigException or FileNotFoundException)
            {
                throw new StreamsException(e.Message, "`streams captioner average --help` says how");
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(new { output = folder, version = parsed.GetValue(version), models = parsed.GetValue(models)!.Length }));
                return 0;
            }

            AnsiConsole.MarkupLineInterpolated($"Model written to [bold]{folder}[/]. `streams captioner eval --model {folder}` measures it");
            return 0;
        });
        return command;
    }
}
