using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Streams.Host.Cli;
using Streams.Ingest;
using Streams.Processors.Captioning.Pipeline;

namespace Streams.Host.Configuration;

/// <summary>Reads the options: <c>appsettings.json</c> beside the program, then one in the working folder, then the environment, then the command line.</summary>
internal static class StreamsConfiguration
{
    /// <summary>The checked options.</summary>
    /// <param name="commandLine">Settings of the command line, for instance <c>Streams:Embedded:KafkaPort</c>.</param>
    /// <exception cref="StreamsException">A setting is unknown, malformed or out of range.</exception>
    public static StreamsOptions Load(IReadOnlyDictionary<string, string?> commandLine)
    {
        try
        {
            var configuration = Sources(commandLine);
            var options = configuration.GetSection(StreamsOptions.Section).Get<StreamsOptions>(binder => binder.ErrorOnUnknownConfiguration = true)
                ?? new StreamsOptions();
            Validate(options, StreamsOptions.Section);
            options.CommandLine = commandLine;
            options.EmbeddedKafka = string.IsNullOrEmpty(configuration[$"{KafkaOptions.Section}:{nameof(KafkaOptions.BootstrapServers)}"]);
            if (options.EmbeddedKafka)
            {
                options.Kafka.BootstrapServers = $"127.0.0.1:{options.Embedded.KafkaPort}";
            }

            return options;
        }
        catch (InvalidOperationException e)
        {
            throw new StreamsException($"Configuration: {e.Message}{(e.InnerException is { } inner ? " " + inner.Message : "")}", "mend the setting or remove it");
        }
        catch (InvalidDataException e)
        {
            throw new StreamsException($"Configuration: {e.Message}", "mend the file's JSON");
        }
    }

    /// <summary>Loads the libtorch that the settings name, if they do.</summary>
    /// <exception cref="StreamsException">It is not there or cannot be loaded.</exception>
    public static void LoadLibtorch()
    {
        const string Setting = $"{StreamsOptions.Section}:{nameof(StreamsOptions.LibtorchDirectory)}";
        try
        {
            if (Sources(new Dictionary<string, string?>())[Setting] is { Length: > 0 } folder)
            {
                LibtorchFolder.Load(folder);
            }
        }
        catch (Exception e) when (e is IOException or DllNotFoundException or InvalidDataException)
        {
            throw new StreamsException($"{Setting}: {e.Message}", $"name the folder of libtorch {LibtorchFolder.Release}, or remove the setting");
        }
    }

    private static IConfigurationRoot Sources(IReadOnlyDictionary<string, string?> commandLine) => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables()
        .AddInMemoryCollection(commandLine)
        .Build();

    private static void Validate(object options, string path)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || !property.CanRead)
            {
                continue;
            }

            var value = property.GetValue(options);
            var name = $"{path}:{property.Name}";
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                if (!rule.IsValid(value))
                {
                    throw new StreamsException($"{name} is '{value}'", rule.FormatErrorMessage(property.Name).TrimEnd('.'));
                }
            }

            if (value is not null && property.PropertyType.IsClass && property.PropertyType.Namespace?.StartsWith("Streams", StringComparison.Ordinal) == true)
            {
                Validate(value, name);
            }
        }
    }
}
