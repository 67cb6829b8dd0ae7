using System.Text.Json;
using System.Text.Json.Nodes;
using Streams.EndToEnd.Support;
using Streams.Host.Configuration;
using Streams.Host.Configuration.Reference;

namespace Streams.EndToEnd;

/// <summary>What the documentation says of the settings is what the program takes.</summary>
public sealed class ConfigurationReferenceTests
{
    [Fact]
    public void Reference_InTheRepository_IsCurrent() => Assert.Equal(
        ReferencePage.Write(),
        File.ReadAllText(Repository.PathOf("infra", "CONFIGURATION.md")),
        ignoreLineEndingDifferences: true);

    [Fact]
    public void Schema_InTheRepository_IsCurrent() => Assert.Equal(
        SettingsSchema.Write(),
        File.ReadAllText(Repository.PathOf("infra", "appsettings.schema.json")),
        ignoreLineEndingDifferences: true);

    [Fact]
    public void Settings_Each_HaveAMeaningAndAreTaken()
    {
        var settings = SettingCatalog.Read();
        Assert.True(settings.Count > 80, $"{settings.Count} settings");
        Assert.Empty(settings.Where(setting => setting.Summary.Length < 10).Select(setting => setting.Name));
        // Each at its default; those without one have no text that stands for it.
        var defaults = settings.Where(setting => setting.Default.Length > 0 && !setting.Path.Contains(Setting.AnyName))
            .ToDictionary(setting => setting.Name, setting => (string?)setting.Default);
        Assert.NotNull(StreamsConfiguration.Load(defaults));
    }

    [Fact]
    public void Schema_KnowsTypesLimitsAndNames()
    {
        var streams = JsonNode.Parse(SettingsSchema.Write())!["properties"]!["Streams"]!;
        Assert.False(streams["additionalProperties"]!.GetValue<bool>());
        var lanes = streams["properties"]!["Pump"]!["properties"]!["MaxLanes"]!;
        Assert.Equal(("integer", 1, 4096, 64),
            (lanes["type"]!.GetValue<string>(), lanes["minimum"]!.GetValue<int>(), lanes["maximum"]!.GetValue<int>(), lanes["default"]!.GetValue<int>()));
        var role = streams["properties"]!["Security"]!["properties"]!["ApiKeys"]!["additionalProperties"]!["properties"]!["Role"]!;
        Assert.Equal(["Viewer", "Operator"], role["enum"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(JsonValueKind.String, streams["properties"]!["Kafka"]!["properties"]!["Properties"]!["additionalProperties"]!["type"]!.GetValueKind());
    }
}
