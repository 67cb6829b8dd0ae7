using System.Globalization;
using Microsoft.Extensions.Configuration;
using Streams.EndToEnd.Support;
using Streams.Host.Configuration;
using YamlDotNet.RepresentationModel;

namespace Streams.EndToEnd.Compose;

/// <summary>What must hold of docker-compose.yml, by itself and against the Dockerfile and the options. Each finding is one line.</summary>
internal static class ComposeRules
{
    private static readonly HashSet<string> TopKeys = ["name", "services", "volumes", "x-host"];

    // Of https://github.com/compose-spec/compose-spec/blob/main/05-services.md, what is used here.
    private static readonly HashSet<string> ServiceKeys =
    [
        "image", "build", "command", "environment", "ports", "volumes", "depends_on", "healthcheck", "restart", "stop_grace_period", "profiles", "deploy",
    ];

    private static readonly Dictionary<string, HashSet<string>> SectionKeys = new()
    {
        ["build"] = ["context", "dockerfile", "args"],
        ["healthcheck"] = ["test", "interval", "timeout", "retries", "start_period", "disable"],
        ["deploy"] = ["resources"],
    };

    private static readonly HashSet<string> Restarts = ["no", "always", "on-failure", "unless-stopped"];

    public static List<string> Problems(ComposeFile compose, DockerImage image) =>
        [.. Unknown(compose), .. compose.Services.SelectMany(service => Service(compose, image, service.Key, service.Value)), .. Shared(compose)];

    private static IEnumerable<string> Unknown(ComposeFile compose)
    {
        foreach (var (key, _) in ComposeFile.Entries(compose.Root).Where(entry => !TopKeys.Contains(entry.Key)))
        {
            yield return $"unknown key {key}";
        }

        foreach (var (name, service) in compose.Services)
        {
            foreach (var (key, value) in ComposeFile.Entries(service))
            {
                if (!ServiceKeys.Contains(key))
                {
                    yield return $"{name}: unknown key {key}";
                }

                foreach (var (inner, _) in SectionKeys.TryGetValue(key, out var known) ? ComposeFile.Entries((YamlMappingNode)value).Where(entry => !known.Contains(entry.Key)) : [])
                {
                    yield return $"{name}: unknown key {key}.{inner}";
                }
            }
        }
    }

    private static IEnumerable<string> Service(ComposeFile compose, DockerImage image, string name, YamlMappingNode service)
    {
        var tag = ComposeFile.Text(service, "image")?.Split(':');
        if (tag is not [_, { Length: > 0 } and not "latest"])
        {
            yield return $"{name}: the image has no fixed tag";
        }

        if (!Restarts.Contains(ComposeFile.Text(service, "restart") ?? ""))
        {
            yield return $"{name}: no restart policy";
        }

        foreach (var (target, how) in ComposeFile.Map(service, "depends_on"))
        {
            var condition = ComposeFile.Text((YamlMappingNode)how, "condition");
            if (!compose.Services.TryGetValue(target, out var other))
            {
                yield return $"{name}: depends on {target}, which is no service";
            }
            else if (condition == "service_healthy" && !ComposeFile.Map(other, "healthcheck").Any(entry => entry.Key == "test"))
            {
                yield return $"{name}: waits for {target} to be healthy, which has no health check";
            }
            else if (condition == "service_completed_successfully" && ComposeFile.Text(other, "restart") is "always" or "unless-stopped")
            {
                yield return $"{name}: waits for {target} to end, which is always started again";
            }
            else if (condition is not ("service_healthy" or "service_completed_successfully"))
            {
                yield return $"{name}: depends on {target} under the condition '{condition}'";
            }
        }

        foreach (var volume in ComposeFile.List(service, "volumes"))
        {
            var from = volume.Split(':')[0];
            if (from.StartsWith("./", StringComparison.Ordinal))
            {
                if (!Directory.Exists(Repository.PathOf(from)))
                {
                    yield return $"{name}: {from} is not in the repository";
                }

                if (!volume.EndsWith(":ro", StringComparison.Ordinal))
                {
                    yield return $"{name}: {from} is mounted for writing";
                }
            }
            else if (!compose.Volumes.Contains(from))
            {
                yield return $"{name}: volume {volume} is not declared";
            }
        }

        foreach (var port in ComposeFile.List(service, "ports").Where(port => port.Split(':') is not ["127.0.0.1", _, _]))
        {
            yield return $"{name}: port {port} is open to other machines";
        }

        if (service.Children.TryGetValue("build", out var build))
        {
            foreach (var problem in Built(image, name, service, (YamlMappingNode)build))
            {
                yield return problem;
            }
        }
    }

    /// <summary>A service of our own image.</summary>
    private static IEnumerable<string> Built(DockerImage image, string name, YamlMappingNode service, YamlMappingNode build)
    {
        foreach (var (argument, _) in ComposeFile.Map(build, "args").Where(argument => !image.Arguments.Contains(argument.Key)))
        {
            yield return $"{name}: the Dockerfile has no build argument {argument}";
        }

        var device = ComposeFile.Map(build, "args").Select(argument => ((YamlScalarNode)argument.Value).Value).SingleOrDefault();
        if (ComposeFile.Text(service, "image") != $"streams:{device}")
        {
            yield return $"{name}: image {ComposeFile.Text(service, "image")} is built for {device}";
        }

        var gpu = service.AllNodes.OfType<YamlScalarNode>().Any(node => node.Value == "nvidia");
        if (gpu != (device == "cuda") || gpu != ComposeFile.List(service, "profiles").Contains("gpu"))
        {
            yield return $"{name}: the cuda build, the nvidia device and the gpu profile belong together";
        }

        var environment = ComposeFile.Environment(service);
        StreamsOptions options;
        string? refused = null;
        try
        {
            options = Bind(environment.Concat(image.Environment.Where(setting => !environment.ContainsKey(setting.Key))));
        }
        catch (InvalidOperationException e)
        {
            options = new StreamsOptions();
            refused = $"{name}: {e.Message} {e.InnerException?.Message}";
        }

        if (refused is not null)
        {
            yield return refused;
        }

        foreach (var setting in environment.Keys.Where(setting => !setting.StartsWith("Streams__", StringComparison.Ordinal)))
        {
            yield return $"{name}: {setting} is no setting of ours";
        }

        foreach (var port in ComposeFile.List(service, "ports"))
        {
            var inside = int.Parse(port.Split(':')[^1], CultureInfo.InvariantCulture);
            var url = new Uri(options.Dashboard.Url);
            if (inside != url.Port || url.Host != "0.0.0.0" || !image.Ports.Contains(inside) || new Uri(image.HealthCommand[^1]).Port != inside)
            {
                yield return $"{name}: port {inside} is published, the dashboard listens on {url}";
            }
        }

        if (environment.ContainsKey("Streams__Orleans__SiloPort")
            && !(image.Ports.Contains(options.Orleans.SiloPort) && image.Ports.Contains(options.Orleans.GatewayPort)))
        {
            yield return $"{name}: the Dockerfile does not expose the silo's ports {options.Orleans.SiloPort} and {options.Orleans.GatewayPort}";
        }
    }

    private static IEnumerable<string> Shared(ComposeFile compose)
    {
        foreach (var volume in compose.Volumes.Where(volume => !compose.Services.Values.Any(service => ComposeFile.List(service, "volumes").Any(used => used.StartsWith(volume + ":", StringComparison.Ordinal)))))
        {
            yield return $"volume {volume} is not used";
        }

        foreach (var member in compose.Services
            .Select(service => (service.Key, Member: ComposeFile.Environment(service.Value).GetValueOrDefault("Streams__Kafka__GroupInstanceId")))
            .Where(service => service.Member is not null).GroupBy(service => service.Member).Where(same => same.Count() > 1))
        {
            yield return $"{string.Join(" and ", member.Select(service => service.Key))} are both member {member.Key}";
        }

        foreach (var port in compose.Services.Values.SelectMany(service => ComposeFile.List(service, "ports")).Select(port => port.Split(':')[1]).GroupBy(port => port).Where(port => port.Count() > 1))
        {
            yield return $"port {port.Key} is published twice";
        }
    }

    /// <summary>The options as the program reads them from its environment: what is unknown or malformed is refused.</summary>
    public static StreamsOptions Bind(IEnumerable<KeyValuePair<string, string>> environment) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build()
            .GetSection(StreamsOptions.Section)
            .Get<StreamsOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new StreamsOptions();
}
