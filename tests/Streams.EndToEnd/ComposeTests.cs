using System.Text.RegularExpressions;
using Streams.EndToEnd.Compose;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd;

/// <summary>docker-compose.yml and infra/Dockerfile, where no Docker engine is at hand: against each other, the options and the program.</summary>
public sealed partial class ComposeTests
{
    private static readonly string ComposeText = File.ReadAllText(Repository.PathOf("docker-compose.yml"));
    private static readonly DockerImage Image = DockerImage.Parse(File.ReadAllText(Repository.PathOf("infra", "Dockerfile")));

    [Fact]
    public void Compose_AsItIs_BreaksNoRule() => Assert.Empty(Problems(ComposeText));

    [Fact]
    public void Compose_Services_AreThoseOfTheArchitecture() =>
        Assert.Equal(["grafana", "host-1", "host-2", "host-gpu", "kafka", "prometheus", "redis", "topics"], ComposeFile.Parse(ComposeText).Services.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("    restart: on-failure", "    restrat: on-failure", "topics: unknown key restrat")]
    [InlineData("    restart: on-failure", "    restart: always", "waits for topics to end")]
    [InlineData("      dockerfile: infra/Dockerfile\n      args:\n        TORCH_DEVICE: cuda", "      file: infra/Dockerfile\n      args:\n        TORCH_DEVICE: cuda", "unknown key build.file")]
    [InlineData("        TORCH_DEVICE: cpu", "        DEVICE: cpu", "no build argument DEVICE")]
    [InlineData("        TORCH_DEVICE: cuda", "        TORCH_DEVICE: cpu", "belong together")]
    [InlineData("apache/kafka:4.0.0", "apache/kafka:latest", "kafka: the image has no fixed tag")]
    [InlineData("apache/kafka:4.0.0", "apache/kafka", "kafka: the image has no fixed tag")]
    [InlineData("Streams__Redis__ConnectionString", "Streams__Redis__Connection", "'Connection'")]
    [InlineData("Streams__Orleans__SiloPort: \"11111\"", "Streams__Orleans__SiloPort: eleven", "SiloPort")]
    [InlineData("Streams__Orleans__SiloPort: \"11111\"", "Streams__Orleans__SiloPort: \"11112\"", "does not expose the silo's ports")]
    [InlineData("Streams__Orleans__ClusterId", "Stream__Orleans__ClusterId", "is no setting of ours")]
    [InlineData("http://0.0.0.0:5080", "http://127.0.0.1:5080", "the dashboard listens on")]
    [InlineData("http://0.0.0.0:5080", "http://0.0.0.0:5090", "the dashboard listens on")]
    [InlineData("127.0.0.1:5081:5080", "127.0.0.1:5080:5080", "port 5080 is published twice")]
    [InlineData("GroupInstanceId: host-2", "GroupInstanceId: host-1", "are both member host-1")]
    [InlineData("./infra/prometheus:/etc", "./infra/prometeus:/etc", "./infra/prometeus is not in the repository")]
    [InlineData("./infra/prometheus:/etc/prometheus:ro", "./infra/prometheus:/etc/prometheus", "is mounted for writing")]
    [InlineData("prom/prometheus:v3.5.0", "prom/prometheus", "prometheus: the image has no fixed tag")]
    [InlineData("127.0.0.1:6379:6379", "6379:6379", "open to other machines")]
    [InlineData("  redis-data:\n", "", "redis-data:/data is not declared")]
    [InlineData("  redis-data:\n", "  redis-data:\n  more:\n", "volume more is not used")]
    [InlineData("    topics:\n      condition", "    topic:\n      condition", "depends on topic, which is no service")]
    [InlineData("      test: [\"CMD\", \"redis-cli\", \"ping\"]\n", "", "waits for redis to be healthy, which has no health check")]
    [InlineData("    image: redis:7\n    restart: unless-stopped\n", "    image: redis:7\n", "redis: no restart policy")]
    [InlineData("KAFKA_MESSAGE_MAX_BYTES: \"17825792\"", "KAFKA_MESSAGE_MAX_BYTES: \"1048588\"", "is below the ")]
    [InlineData("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "KAFKA_AUTO_CREATE_TOPIC_ENABLE", "unknown setting KAFKA_AUTO_CREATE_TOPIC_ENABLE")]
    [InlineData("INTERNAL://kafka:29092", "INTERNAL://kafka:9999", "what is advertised is not what is listened on")]
    [InlineData("INTERNAL:PLAINTEXT,", "", "protocol map")]
    [InlineData("1@kafka:29093", "1@kafka:29092", "quorum")]
    [InlineData("127.0.0.1:9092:9092", "127.0.0.1:9094:9092", "another port than the published one")]
    [InlineData("kafka-data:/var/lib/kafka/data", "kafka-data:/var/lib/kafka", "the log is not on a volume")]
    [InlineData("\"--appendonly\", \"yes\"", "\"--appendonly\", \"no\"", "--appendonly yes")]
    [InlineData("redis-data:/data", "redis-data:/redis", "append-only file is not on a volume")]
    [InlineData("Streams__Kafka__BootstrapServers: kafka:29092", "Streams__Kafka__BootstrapServers: kafka:9092", "host-1: Kafka is at kafka:29092")]
    [InlineData("redis:6379\n", "redis:6380\n", "host-1: Redis is at redis:6379")]
    public void Compose_WithOneThingWrong_IsFound(string right, string wrong, string expected)
    {
        Assert.Contains(right, ComposeText, StringComparison.Ordinal);

        Assert.Contains(Problems(ComposeText.Replace(right, wrong, StringComparison.Ordinal)), problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commands_OfTheServices_AreCommandsOfTheProgram()
    {
        var commands = ComposeFile.Parse(ComposeText).Services.Values
            .Where(service => service.Children.ContainsKey("build"))
            .Select(service => ComposeFile.List(service, "command"))
            .Append(Image.Command);

        foreach (var command in commands)
        {
            // The usage names the command; for one that does not exist it is that of the command above it.
            var (_, output, _) = await HostProcess.RunAsync([.. command, "--help"]);
            Assert.Matches($@"streams {string.Join(' ', command)}\s", output);
        }

        Assert.DoesNotContain("streams topics make", (await HostProcess.RunAsync("topics", "make", "--help")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Image_Program_IsTheOneThatIsBuilt()
    {
        Assert.Equal([$"/app/{Path.GetFileName(HostProcess.Program)}"], Image.Entrypoint);
        Assert.Contains(Image.All("RUN"), command => command.Contains("dotnet publish infra/Streams.Host -c Release -o /app -p:TorchDevice=${TORCH_DEVICE}", StringComparison.Ordinal));
        Assert.Equal(["mcr.microsoft.com/dotnet/sdk:10.0", "mcr.microsoft.com/dotnet/aspnet:10.0"], Image.BaseImages);
    }

    [Fact]
    public void Image_Run_IsNotAsRoot_AndHasFfmpegAndTheHealthCheck()
    {
        Assert.Equal(["app"], Image.All("USER"));
        Assert.Contains(Image.All("RUN"), command => command.Contains(" ffmpeg ", StringComparison.Ordinal) && command.Contains($" {Image.HealthCommand[0]} ", StringComparison.Ordinal));
        Assert.Contains(
            $"\"{new Uri(Image.HealthCommand[^1]).AbsolutePath}\"",
            File.ReadAllText(Repository.PathOf("infra", "Streams.Host", "Pipeline", "HostEndpoints.cs")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Image_Settings_AreKnown()
    {
        var options = ComposeRules.Bind(Image.Environment);

        Assert.Equal("/data", options.Embedded.DataDirectory);
        Assert.Equal(new Uri(Image.HealthCommand[^1]).Port, new Uri(options.Dashboard.Url).Port);
    }

    [Fact]
    public void Image_NativeSettings_AreThoseOfTheScripts() =>
        Assert.Equal(
            ScriptDefault().Matches(File.ReadAllText(Repository.PathOf("infra", "common.sh"))).Select(match => $"{match.Groups[1]}={match.Groups[2]}").Order(StringComparer.Ordinal),
            Image.Environment.Where(setting => !setting.Key.StartsWith("Streams__", StringComparison.Ordinal)).Select(setting => $"{setting.Key}={setting.Value}").Order(StringComparer.Ordinal));

    [Fact]
    public void Dockerignore_BuildContext_KeepsWhatTheBuildReads()
    {
        var ignored = File.ReadAllLines(Repository.PathOf(".dockerignore")).Where(line => line.Length > 0 && !line.StartsWith('#')).ToArray();

        Assert.DoesNotContain(ignored, line => line is "infra" or "schemas" or "ingest" or "grains" or "processors" or "global.json" || line.StartsWith("Directory.", StringComparison.Ordinal));
        Assert.Contains("**/obj", ignored);
    }

    private static List<string> Problems(string text)
    {
        var compose = ComposeFile.Parse(text);
        return [.. ComposeRules.Problems(compose, Image), .. KafkaServiceRules.Problems(compose)];
    }

    [GeneratedRegex(@"^export ([A-Za-z0-9_]+)=""\$\{\1:-([^}]+)\}""", RegexOptions.Multiline)]
    private static partial Regex ScriptDefault();
}
