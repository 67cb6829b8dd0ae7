using System.CommandLine;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Pipeline;
using Streams.Host.Telemetry;
using Streams.Ingest.Sources;
using Streams.Ingest.Sources.Labels;
using Streams.Ingest.Sources.Signals;
using Streams.Ingest.Sources.Video;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Host.Commands;

/// <summary><c>streams publish video|signals|samples|task</c>: puts records on the source topics.</summary>
internal static class PublishCommand
{
    public static Command Create() =>
        new("publish", "Publish video, sensor signals, labelled samples or a labelling task.") { Video(), Signals(), Samples(), Task() };

    private static Command Video()
    {
        var camera = new Option<string>("--camera") { Description = "Name of the camera; the records' key.", Required = true };
        var source = new Option<string>("--source") { Description = "A video file, or a stream's URL (rtsp://, http://, …).", Required = true };
        var fps = new Option<double>("--fps") { Description = "Frames a second to sample.", DefaultValueFactory = _ => 2 };
        var codec = new Option<VideoSourceCodec>("--codec") { Description = "Jpeg: a record a frame; H264: keyframe-led segments.", DefaultValueFactory = _ => VideoSourceCodec.Jpeg };
        var start = new Option<DateTimeOffset?>("--start") { Description = "Capture time of the first frame (default: now)." };
        var realTime = new Option<bool>("--real-time") { Description = "Pace by capture time instead of as fast as possible." };
        return Publisher("video", "Sample a video and publish its frames.", [camera, source, fps, codec, start, realTime], async (parsed, cancellation) => await VideoSource.OpenAsync(
            new VideoSourceOptions
            {
                Camera = parsed.GetValue(camera)!,
                Source = parsed.GetValue(source)!,
                FramesPerSecond = parsed.GetValue(fps),
                Codec = parsed.GetValue(codec),
                Start = parsed.GetValue(start),
                RealTime = parsed.GetValue(realTime),
            }, TimeProvider.System, cancellation));
    }

    private static Command Signals()
    {
        var network = new Option<string>("--network") { Description = "Name of the sensor network; the records' key.", Required = true };
        var source = new Option<string>("--source") { Description = "CSV (time, one column per sensor; empty is missing) or Arrow IPC file.", Required = true };
        var units = new Option<string?>("--units") { Description = "Unit of the readings, for instance degC." };
        var rows = new Option<int>("--rows") { Description = "Rows a record.", DefaultValueFactory = _ => 24 };
        return Publisher("signals", "Publish the readings of a sensor network.", [network, source, units, rows], async (parsed, cancellation) =>
        {
            var file = parsed.GetValue(source)!;
            return Path.GetExtension(file) is ".arrow" or ".arrows" or ".feather"
                ? await ArrowFileSource.OpenAsync(
                    new ArrowFileOptions { Network = parsed.GetValue(network)!, Path = file, Units = parsed.GetValue(units), RowsPerRecord = parsed.GetValue(rows) }, cancellation)
                : await SensorCsvSource.OpenAsync(
                    new SensorCsvOptions { Network = parsed.GetValue(network)!, Path = file, Units = parsed.GetValue(units), RowsPerRecord = parsed.GetValue(rows) }, cancellation);
        });
    }

    private static Command Samples()
    {
        var task = new Option<string>("--task") { Description = "The labelling task; the records' key.", Required = true };
        var source = new Option<string>("--source") { Description = "CSV with the columns sample,label.", Required = true };
        return Publisher("samples", "Publish labelled samples that nobody asked for (passive mode).", [task, source], async (parsed, cancellation) =>
            await LabelCsvSource.OpenAsync(new LabelCsvOptions { Task = parsed.GetValue(task)!, Path = parsed.GetValue(source)! }, TimeProvider.System, cancellation));
    }

    private static Command Task()
    {
        var task = new Option<string>("--task") { Description = "Name of the labelling task; the record's key.", Required = true };
        var delta = new Option<double>("--delta") { Description = "Largest probability of naming a wrong mode.", DefaultValueFactory = _ => 0.01 };
        var labels = new Option<int?>("--labels") { Description = "Number of different labels that can occur, or an upper bound. Without it the pool is the bound; without either the set of labels is open." };
        var pool = new Option<int?>("--pool") { Description = "Number of samples that can be asked about. Without it samples simply arrive." };
        var inFlight = new Option<int>("--in-flight") { Description = "Queries open at a time.", DefaultValueFactory = _ => LabelTask.DefaultInFlight };
        var max = new Option<int?>("--max-labels") { Description = "Labels after which to abstain." };
        var model = new Option<string?>("--query-model") { Description = "What to ask: labels (the default), or pairs: whether two samples have the same label." };
        var maxQueries = new Option<int?>("--max-queries") { Description = "Pairs, needed there: queries after which to abstain." };
        var noise = new Option<double?>("--pair-noise") { Description = "Pairs: probability that an answer is wrong; comparisons are repeated then." };
        var minimum = new Option<int?>("--min-labels") { Description = "Labels before which nothing is decided." };
        var alarm = new Option<double?>("--drift-alarm") { Description = "Without a pool: watch on after the mode is named, with so many labels between false alarms on average (for instance 10000)." };
        var shared = new LabelTaskOptions();
        var kafka = CommonOptions.Kafka();
        var command = new Command("task", "Open a labelling task; `streams oracle` answers its queries.") { task, delta, labels, pool, inFlight, max, minimum, model, maxQueries, noise, alarm };
        var json = CommonOptions.Json();
        foreach (var option in shared.All.Concat([kafka, json, CommonOptions.Set()]))
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            await using var publisher = KafkaAccess.Publisher(options);
            var definition = shared.On(parsed, new LabelTask(
                parsed.GetValue(task)!,
                parsed.GetValue(delta),
                parsed.GetValue(labels),
                parsed.GetValue(pool),
                parsed.GetValue(inFlight),
                parsed.GetValue(max),
                MinLabels: parsed.GetValue(minimum),
                QueryModel: parsed.GetValue(model),
                MaxQueries: parsed.GetValue(maxQueries),
                PairNoise: parsed.GetValue(noise),
                DriftAlarm: parsed.GetValue(alarm)));
            await OracleLoop.PublishTaskAsync(publisher, definition, cancellation);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(ResultJson.Serialize(definition)));
                return 0;
            }

            AnsiConsole.MarkupLineInterpolated($"Task [bold]{definition.Task}[/] is open.");
            return 0;
        });
        return command;
    }

    private static Command Publisher(string name, string description, IReadOnlyList<Option> own, Func<ParseResult, CancellationToken, Task<IRecordSource>> source)
    {
        var kafka = CommonOptions.Kafka();
        var json = CommonOptions.Json();
        var command = new Command(name, description);
        foreach (var option in own.Concat([kafka, json, CommonOptions.Set()]))
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"));
            // A producer's part of the trace, where a collector is named.
            using var traces = options.Trace();
            await using var publisher = KafkaAccess.Publisher(options);
            var records = await source(parsed, cancellation);
            var quiet = parsed.GetValue(json);
            var sent = await SourcePublishing.PublishAsync(records, publisher, quiet, cancellation);
            if (quiet)
            {
                Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { topic = sent.Topic, key = sent.Key, records = sent.Records, bytes = sent.Bytes }));
            }
            else
            {
                AnsiConsole.MarkupLineInterpolated($"{sent.Records} records, {sent.Bytes / 1024.0:n0} KB, published to [bold]{sent.Topic}[/] under key [bold]{sent.Key}[/].");
            }

            return 0;
        });
        return command;
    }
}
