using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using Confluent.Kafka;
using Spectre.Console;
using StackExchange.Redis;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Schemas;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Streams.Host.Commands;

/// <summary><c>streams doctor</c>: checks what the pipeline needs and names each remedy.</summary>
internal static class DoctorCommand
{
    private const long EnoughDisk = 2L << 30;

    private const int LineWidth = 2_000;

    public static Command Create()
    {
        var kafka = CommonOptions.Kafka();
        var redis = CommonOptions.Redis();
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Check ffmpeg, broker, Redis, accelerator, disk and dashboard; exit code 1 when something needed is missing.")
        {
            kafka, redis, json, CommonOptions.Set(),
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Load(parsed, (kafka, "Streams:Kafka:BootstrapServers"), (redis, "Streams:Redis:ConnectionString"));
            Finding[] findings =
            [
                await FfmpegAsync(cancellation),
                CheckKafka(options),
                await RedisAsync(options),
                Accelerator(),
                Disk(options),
                await DashboardAsync(options, cancellation),
            ];
            foreach (var finding in findings)
            {
                Print(finding, parsed.GetValue(json));
            }

            return findings.Any(finding => finding.Verdict == Verdict.Missing) ? StreamsCommandLine.Failed : 0;
        });
        return command;
    }

    private enum Verdict
    {
        Good,
        Optional,
        Missing,
    }

    private sealed record Finding(string Name, Verdict Verdict, string Detail, string? Remedy = null);

    private static void Print(Finding finding, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(new
            {
                name = finding.Name,
                ok = finding.Verdict != Verdict.Missing,
                detail = finding.Detail,
                remedy = finding.Remedy,
            }));
            return;
        }

        // One line each, however long.
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, LineWidth);
        var mark = finding.Verdict switch { Verdict.Good => "[green]ok     [/]", Verdict.Optional => "[yellow]note   [/]", _ => "[red]missing[/]" };
        AnsiConsole.MarkupLine($"{mark} [bold]{finding.Name,-11}[/] {Markup.Escape(finding.Detail)}{(finding.Remedy is { } remedy ? " — " + Markup.Escape(remedy) : "")}");
    }

    private static async Task<Finding> FfmpegAsync(CancellationToken cancellation)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ffmpeg", "-hide_banner -version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var first = await process.StandardOutput.ReadLineAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new Finding("ffmpeg", Verdict.Good, first?.Split(" Copyright")[0] ?? "present");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new Finding("ffmpeg", Verdict.Missing, "not on the PATH; video cannot be read", "apt-get install ffmpeg");
        }
    }

    private static Finding CheckKafka(StreamsOptions options)
    {
        var remedy = options.EmbeddedKafka
            ? "`streams up` brings an embedded one; or name a broker with Streams:Kafka:BootstrapServers"
            : "check Streams:Kafka:BootstrapServers and its credentials in Streams:Kafka:Properties, and that the broker runs";
        // A client that is not let in goes on trying: its own errors say why, the call only that time is over.
        var errors = new ConcurrentQueue<Error>();
        using var admin = new AdminClientBuilder(options.Kafka.ToAdminConfig()).SetLogHandler((_, _) => { }).SetErrorHandler((_, error) =>
            errors.Enqueue(error)).Build();
        try
        {
            var metadata = admin.GetMetadata(TimeSpan.FromSeconds(5));
            var missing = Topics.Sources.Concat(Topics.Results).Except(metadata.Topics.Select(topic => topic.Topic)).ToList();
            return missing.Count == 0
                ? new Finding("broker", Verdict.Good, $"{options.Kafka.BootstrapServers}, {metadata.Brokers.Count} broker(s), all topics are there")
                : new Finding("broker", Verdict.Missing, $"{options.Kafka.BootstrapServers} answers, but lacks {string.Join(", ", missing)}", "streams topics create");
        }
        catch (KafkaException e)
        {
            return errors.FirstOrDefault(error => error.Code == ErrorCode.Local_Authentication) is { } refused
                ? new Finding("broker", Verdict.Missing, $"{options.Kafka.BootstrapServers} refuses the credentials: {Reason(refused)}",
                    "mend sasl.mechanism, sasl.username and sasl.password in Streams:Kafka:Properties")
                : errors.FirstOrDefault(error => error.Code == ErrorCode.Local_Ssl) is { } tls
                ? new Finding("broker", Verdict.Missing, $"{options.Kafka.BootstrapServers}: TLS fails: {Reason(tls)}",
                    "name the authority in Streams:Kafka:Properties:ssl.ca.location, and check that security.protocol is the listener's")
                : new Finding("broker", Verdict.Missing, $"{options.Kafka.BootstrapServers}: {e.Error.Reason}", remedy);
        }
    }

    // Behind the address of the client's connection; one line.
    private static string Reason(Error error) =>
        error.Reason[(error.Reason.IndexOf(": ", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..].ReplaceLineEndings(" ").Trim();

    private static async Task<Finding> RedisAsync(StreamsOptions options)
    {
        var where = Redact.Redis(options.EffectiveRedis);
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options.RedisClient());
            var ping = await redis.GetDatabase().PingAsync();
            return new Finding("redis", Verdict.Good, $"{where}, answers in {ping.TotalMilliseconds:0.0} ms");
        }
        catch (RedisException e)
        {
            var trouble = RedisTrouble.Of(e);
            return new Finding("redis", Verdict.Missing, $"{where}: {trouble.Detail}", options.EmbeddedRedis
                ? "`streams up` brings an embedded one; or name a Redis with Streams:Redis:ConnectionString" : trouble.Remedy);
        }
    }

    private static Finding Accelerator() => File.Exists("/proc/driver/nvidia/version")
        ? new Finding("accelerator", Verdict.Good, "an NVIDIA driver is loaded; build with -p:TorchDevice=cuda to use it")
        : new Finding("accelerator", Verdict.Optional, "no NVIDIA driver; the captioner runs on the CPU");

    private static Finding Disk(StreamsOptions options)
    {
        var directory = options.Embedded.EffectiveDataDirectory;
        var existing = directory;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        var free = new DriveInfo(existing).AvailableFreeSpace;
        var detail = $"{free / (double)(1L << 30):0.0} GiB free for {directory}";
        return free >= EnoughDisk
            ? new Finding("disk", Verdict.Good, detail)
            : new Finding("disk", Verdict.Missing, detail, "free 2 GiB, or set Streams:Embedded:DataDirectory to another disk");
    }

    private static async Task<Finding> DashboardAsync(StreamsOptions options, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await http.GetAsync(new Uri(new Uri(options.Dashboard.Url), "/health/ready"), cancellation);
            return response.IsSuccessStatusCode
                ? new Finding("dashboard", Verdict.Good, $"{options.Dashboard.Url} is ready")
                : new Finding("dashboard", Verdict.Optional, $"{options.Dashboard.Url} answers, but is not ready", "wait for its partitions to be assigned, or read its log");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            return new Finding("dashboard", Verdict.Optional, $"nothing runs at {options.Dashboard.Url}", "start it with `streams up`");
        }
    }
}
