using System.CommandLine;
using Streams.Host.Configuration;

namespace Streams.Host.Cli;

/// <summary>Options that several commands share, and the settings they stand for.</summary>
internal static class CommonOptions
{
    public static Option<string?> Kafka() => new("--kafka")
    {
        Description = "Bootstrap servers of the broker. Default: Streams:Kafka:BootstrapServers, else the embedded broker on 127.0.0.1.",
        HelpName = "host:port",
    };

    public static Option<string?> Redis() => new("--redis")
    {
        Description = "Redis connection string. Default: Streams:Redis:ConnectionString, else the embedded Redis.",
        HelpName = "host:port",
    };

    public static Option<int?> KafkaPort() => new("--kafka-port") { Description = "Port of the embedded broker (default 9092)." };

    public static Option<int?> RedisPort() => new("--redis-port") { Description = "Port of the embedded Redis (default 6380)." };

    public static Option<string?> DashboardUrl() => new("--dashboard-url") { Description = "Address of the dashboard (default http://127.0.0.1:5080)." };

    public static Option<string?> DataDirectory() => new("--data-dir") { Description = "Folder of the embedded services.", HelpName = "folder" };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Any setting, for instance --set Streams:Pump:MaxLanes=8. May be repeated.",
        HelpName = "name=value",
    };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a line, for programs." };

    /// <summary>The options with what this command line says on top.</summary>
    public static StreamsOptions Load(ParseResult parsed, params (Option Option, string Setting)[] settings)
    {
        var values = new Dictionary<string, string?>();
        foreach (var (option, setting) in settings)
        {
            var value = option switch
            {
                Option<string?> text => parsed.GetValue(text),
                Option<int?> number => parsed.GetValue(number)?.ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => throw new ArgumentException($"{option.Name} has no text form", nameof(settings)),
            };
            if (value is not null)
            {
                values[setting] = value;
            }
        }

        var set = parsed.CommandResult.Command.Options.OfType<Option<string[]>>().FirstOrDefault(option => option.Name == "--set");
        foreach (var pair in set is null ? [] : parsed.GetValue(set) ?? [])
        {
            var parts = pair.Split('=', 2);
            if (parts.Length != 2)
            {
                throw new StreamsException($"--set {pair}", "write name=value, for instance --set Streams:Pump:MaxLanes=8");
            }

            values[parts[0]] = parts[1];
        }

        return StreamsConfiguration.Load(values);
    }
}
