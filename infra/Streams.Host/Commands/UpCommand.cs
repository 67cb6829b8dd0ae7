using System.CommandLine;
using Spectre.Console;
using Streams.Host.Cli;
using Streams.Host.Pipeline;

namespace Streams.Host.Commands;

/// <summary><c>streams up</c>: the whole pipeline in one process.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var kafka = CommonOptions.Kafka();
        var redis = CommonOptions.Redis();
        var kafkaPort = CommonOptions.KafkaPort();
        var redisPort = CommonOptions.RedisPort();
        var url = CommonOptions.DashboardUrl();
        var data = CommonOptions.DataDirectory();
        var command = new Command("up", "Run silo, pumps, projector and dashboard until Ctrl-C; with an embedded broker and Redis unless they are named.")
        {
            kafka, redis, kafkaPort, redisPort, url, data, CommonOptions.Set(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(
                parsed,
                (kafka, "Streams:Kafka:BootstrapServers"),
                (redis, "Streams:Redis:ConnectionString"),
                (kafkaPort, "Streams:Embedded:KafkaPort"),
                (redisPort, "Streams:Embedded:RedisPort"),
                (url, "Streams:Dashboard:Url"),
                (data, "Streams:Embedded:DataDirectory"));
            await using var host = await StreamsHost.StartAsync(options, cancellation);
            AnsiConsole.MarkupLineInterpolated($"[green]Streams is up.[/] Dashboard [bold]{options.Dashboard.Url}[/]  Kafka [bold]{options.Kafka.BootstrapServers}[/]{Embedded(options.EmbeddedKafka)}  Redis [bold]{Cli.Redact.Redis(options.EffectiveRedis)}[/]{Embedded(options.EmbeddedRedis)}");
            AnsiConsole.MarkupLine("Try `streams publish video --camera gate --source FILE`, `streams watch captions`. Ctrl-C stops.");
            await host.WaitForShutdownAsync(cancellation);
            return 0;
        });
        return command;
    }

    private static string Embedded(bool embedded) => embedded ? " (embedded)" : "";
}
