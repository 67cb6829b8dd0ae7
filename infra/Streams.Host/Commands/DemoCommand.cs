using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Demo;
using Streams.Host.Pipeline;

namespace Streams.Host.Commands;

/// <summary><c>streams demo</c>: the whole pipeline on real input, with a table of what it found.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var once = new Option<bool>("--once") { Description = "End with the table instead of staying up for the dashboard." };
        var clips = new Option<int>("--clips") { Description = "Clips a camera films; one of them three times as many.", DefaultValueFactory = _ => 12 };
        var kafkaPort = CommonOptions.KafkaPort();
        var redisPort = CommonOptions.RedisPort();
        var url = CommonOptions.DashboardUrl();
        var json = new Option<bool>("--json") { Description = "What was found as one JSON object instead of the table, for programs." };
        var command = new Command("demo", "Run three cameras, a sensor network and three labelling tasks through the pipeline and show what comes out.")
        {
            once, clips, kafkaPort, redisPort, url, json, CommonOptions.Set(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(
                parsed,
                (kafkaPort, "Streams:Embedded:KafkaPort"),
                (redisPort, "Streams:Embedded:RedisPort"),
                (url, "Streams:Dashboard:Url"));
            // A demo starts from nothing and leaves nothing.
            var folder = Directory.CreateTempSubdirectory("streams-demo-");
            try
            {
                options.Embedded.DataDirectory = Path.Combine(folder.FullName, "data");
                await using var host = await StreamsHost.StartAsync(options, cancellation, LogLevel.Error);
                AnsiConsole.MarkupLineInterpolated($"[green]Streams is up.[/] Dashboard: [bold]{options.Dashboard.Url}[/]   Kafka: [bold]{options.Kafka.BootstrapServers}[/]");
                Open(options.Dashboard.Url, parsed.GetValue(once));
                using var run = new DemoRun(options, host.Services, folder.FullName, parsed.GetValue(clips));
                var report = await run.RunAsync(cancellation);
                if (parsed.GetValue(json))
                {
                    Console.Out.WriteLine(report.ToJson());
                }
                else
                {
                    report.Print();
                }

                if (!parsed.GetValue(once))
                {
                    AnsiConsole.MarkupLineInterpolated($"The dashboard stays up at [bold]{options.Dashboard.Url}[/]. Ctrl-C ends the demo.");
                    await host.WaitForShutdownAsync(cancellation);
                }

                return report.IsAccountedFor ? 0 : StreamsCommandLine.Failed;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static void Open(string url, bool once)
    {
        var hasScreen = Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 } || Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is { Length: > 0 };
        if (once || !hasScreen)
        {
            return;
        }

        try
        {
            Process.Start(new ProcessStartInfo("xdg-open", url) { RedirectStandardError = true, RedirectStandardOutput = true })?.Dispose();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No desktop tools: the address is printed above.
        }
    }
}
