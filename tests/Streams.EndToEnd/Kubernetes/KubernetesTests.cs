using System.Globalization;
using Streams.EndToEnd.Compose;
using Streams.EndToEnd.Support;
using Streams.Host.Configuration;
using Streams.Ingest.Publishing;
using Streams.Schemas;
using YamlDotNet.RepresentationModel;
using static Streams.EndToEnd.Kubernetes.Manifests;

namespace Streams.EndToEnd.Kubernetes;

/// <summary>The Kubernetes example, where no cluster is at hand: against itself, the options, the endpoints and the topics.</summary>
public sealed class KubernetesTests
{
    private static readonly Manifests All = Load(Repository.PathOf("infra", "examples", "kubernetes"));

    private static YamlNode Pod => At(All.Of("StatefulSet"), "spec", "template", "spec")!;

    private static YamlNode Container => Items(At(Pod, "containers")).Single();

    [Fact]
    public void Settings_Each_AreTakenByTheProgram()
    {
        var options = ComposeRules.Bind(Environment());
        Assert.True(options.Kafka.Properties.ContainsKey("sasl.password"));
        Assert.Equal("Operator", options.Security.ApiKeys["ada"].Role.ToString());
        Assert.Null(options.Security.Check(options.Dashboard.Url));
        Assert.All(Environment().Keys, name => Assert.StartsWith("Streams__", name, StringComparison.Ordinal));
        // Within their limits, too.
        Assert.NotNull(StreamsConfiguration.Load(Environment().ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => (string?)pair.Value)));
    }

    [Fact]
    public void Settings_WithAnUnknownOne_AreRefused() => Assert.Throws<InvalidOperationException>(() =>
        ComposeRules.Bind(Environment().Append(KeyValuePair.Create("Streams__Kafka__GroupInstance", "x"))));

    [Fact]
    public void Secrets_AreInTheSecretOnly()
    {
        string[] secret = ["password", "ConnectionString", "Hash"];
        Assert.DoesNotContain(Map(At(All.Of("ConfigMap"), "data")).Keys, name => secret.Any(word => name.EndsWith(word, StringComparison.OrdinalIgnoreCase)));
        Assert.Equal(["streams"], Items(At(Container, "envFrom")).Select(from => Text(At(from, "secretRef", "name"))).OfType<string>());
    }

    [Fact]
    public void Members_AreStatic_ByTheNamesOfTheirPods()
    {
        Assert.Equal("metadata.name", FieldOf("Streams__Kafka__GroupInstanceId"));
        Assert.Equal("status.podIP", FieldOf("Streams__Orleans__AdvertisedAddress"));
        var all = All.Of("StatefulSet");
        var headless = All.Of("Service", Text(At(all, "spec", "serviceName"))!);
        Assert.Equal("None", Text(At(headless, "spec", "clusterIP")));
        Assert.Equal("true", Text(At(headless, "spec", "publishNotReadyAddresses")));
    }

    [Fact]
    public void Probes_AskForPathsAndPortsThatAreThere()
    {
        var mapped = File.ReadAllText(Repository.PathOf("infra", "Streams.Host", "Pipeline", "HostEndpoints.cs"));
        Dictionary<string, string> probes = new() { ["startupProbe"] = "/health/live", ["livenessProbe"] = "/health/live", ["readinessProbe"] = "/health/ready" };
        foreach (var (probe, path) in probes)
        {
            Assert.Equal(path, Text(At(Container, probe, "httpGet", "path")));
            Assert.Contains($"\"{path}\"", mapped, StringComparison.Ordinal);
            Assert.Equal("http", Text(At(Container, probe, "httpGet", "port")));
        }

        var options = ComposeRules.Bind(Environment());
        var ports = Items(At(Container, "ports")).ToDictionary(port => Text(At(port, "name"))!, port => int.Parse(Text(At(port, "containerPort"))!, CultureInfo.InvariantCulture));
        Assert.Equal(new Uri(options.Dashboard.Url).Port, ports["http"]);
        Assert.Equal((options.Orleans.SiloPort, options.Orleans.GatewayPort), (ports["silo"], ports["gateway"]));
        var image = DockerImage.Parse(File.ReadAllText(Repository.PathOf("infra", "Dockerfile")));
        Assert.Subset(image.Ports.ToHashSet(), ports.Values.ToHashSet());
        // A start may wait as long as the program's own patience, and a little for loading the model.
        var patience = Number("startupProbe", "periodSeconds") * Number("startupProbe", "failureThreshold");
        Assert.True(patience > options.StartPatience.TotalSeconds, $"{patience} s");
    }

    [Fact]
    public void Pods_AreNotRootAndMayDoNothing()
    {
        Assert.Equal("true", Text(At(Pod, "securityContext", "runAsNonRoot")));
        Assert.Equal("RuntimeDefault", Text(At(Pod, "securityContext", "seccompProfile", "type")));
        Assert.Equal("false", Text(At(Container, "securityContext", "allowPrivilegeEscalation")));
        Assert.Equal("true", Text(At(Container, "securityContext", "readOnlyRootFilesystem")));
        Assert.Equal(["ALL"], Items(At(Container, "securityContext", "capabilities", "drop")).Select(Text));
        // What is written needs a volume.
        var volumes = Items(At(Pod, "volumes")).Select(volume => Text(At(volume, "name"))).ToHashSet();
        Assert.All(Items(At(Container, "volumeMounts")), mount => Assert.Contains(Text(At(mount, "name")), volumes));
        Assert.Superset(new HashSet<string?> { "/tmp", "/data" }, Items(At(Container, "volumeMounts")).Select(mount => Text(At(mount, "mountPath"))).ToHashSet());
        Assert.NotNull(At(Container, "resources", "limits", "memory"));
    }

    [Fact]
    public void Objects_FindEachOther()
    {
        var labels = Map(At(All.Of("StatefulSet"), "spec", "template", "metadata", "labels"));
        Assert.Equal(labels, Map(At(All.Of("StatefulSet"), "spec", "selector", "matchLabels")));
        Assert.Equal(labels, Map(At(All.Of("PodDisruptionBudget"), "spec", "selector", "matchLabels")));
        Assert.Equal("1", Text(At(All.Of("PodDisruptionBudget"), "spec", "maxUnavailable")));
        var named = Items(At(Container, "ports")).Select(port => Text(At(port, "name"))).ToHashSet();
        foreach (var service in All.Objects.Where(one => Text(At(one, "kind")) == "Service"))
        {
            Assert.Equal(labels, Map(At(service, "spec", "selector")));
            Assert.All(Items(At(service, "spec", "ports")), port => Assert.Contains(Text(At(port, "targetPort")), named));
        }

        var ends = int.Parse(Text(At(Pod, "terminationGracePeriodSeconds"))!, CultureInfo.InvariantCulture);
        Assert.True(ends >= 20, "the host ends within fifteen seconds");
    }

    [Fact]
    public void Scaling_IsByTheLagOfTheGroups_AndNotBeyondThePartitions()
    {
        var options = ComposeRules.Bind(Environment());
        var scaled = At(All.Of("ScaledObject"), "spec");
        Assert.Equal(("StatefulSet", "streams"), (Text(At(scaled, "scaleTargetRef", "kind")), Text(At(scaled, "scaleTargetRef", "name"))));
        Assert.True(int.Parse(Text(At(scaled, "maxReplicaCount"))!, CultureInfo.InvariantCulture) <= TopicAdmin.DefaultPartitions);
        var triggers = Items(At(scaled, "triggers")).Select(trigger => Map(At(trigger, "metadata"))).ToList();
        Assert.Equal(Topics.Sources.Order(StringComparer.Ordinal), triggers.Select(trigger => trigger["topic"]).Order(StringComparer.Ordinal));
        Assert.All(triggers, trigger => Assert.Equal(
            ($"{options.Kafka.GroupId}.{trigger["topic"]}", options.Kafka.BootstrapServers), (trigger["consumerGroup"], trigger["bootstrapServers"])));
        var authentication = All.Of("TriggerAuthentication", "streams-kafka");
        Assert.All(Items(At(authentication, "spec", "secretTargetRef")), from => Assert.Contains(Text(At(from, "key")), Map(At(All.Of("Secret"), "stringData")).Keys));
        Assert.All(Items(At(authentication, "spec", "configMapTargetRef")), from => Assert.Contains(Text(At(from, "key")), Map(At(All.Of("ConfigMap"), "data")).Keys));
    }

    private static Dictionary<string, string> Environment() =>
        new[] { Map(At(All.Of("ConfigMap"), "data")), Map(At(All.Of("Secret"), "stringData")), Items(At(Container, "env")).ToDictionary(one => Text(At(one, "name"))!, _ => "10.0.0.1") }
            .SelectMany(map => map).ToDictionary(pair => pair.Key, pair => pair.Value);

    private static string? FieldOf(string variable) =>
        Text(At(Items(At(Container, "env")).Single(one => Text(At(one, "name")) == variable), "valueFrom", "fieldRef", "fieldPath"));

    private static int Number(string probe, string name) => int.Parse(Text(At(Container, probe, name))!, CultureInfo.InvariantCulture);
}
