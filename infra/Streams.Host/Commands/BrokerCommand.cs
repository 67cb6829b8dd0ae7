using System.CommandLine;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Embedded;

namespace Streams.Host.Commands;

/// <summary><c>streams broker</c>: the development broker by itself.</summary>
internal static class BrokerCommand
{
    public static Command Create()
    {
        var port = CommonOptions.KafkaPort();
        var data = CommonOptions.DataDirectory();
        var command = new Command("broker", "Run only the development broker (Kafka protocol) until Ctrl-C. Production is Apache Kafka.") { port, data };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (port, "Streams:Embedded:KafkaPort"), (data, "Streams:Embedded:DataDirectory"));
            await using var broker = await EmbeddedKafka.StartAsync(options.Embedded.EffectiveDataDirectory, options.Embedded.KafkaPort, cancellation);
            AnsiConsole.MarkupLineInterpolated($"Broker on [bold]{broker.BootstrapServers}[/], data in {options.Embedded.EffectiveDataDirectory}. Ctrl-C stops it.");
            await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return 0;
        });
        return command;
    }
}
