using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd;

/// <summary>
/// Who may reference whom: schemas ← ingest, schemas ← processors ← grains, all ← infra. Ingest knows no Orleans, grains know no Kafka,
/// processors do no I/O.
/// </summary>
public sealed partial class ArchitectureTests
{
    private const string Orleans = "Orleans";
    private const string Kafka = "Confluent.Kafka";
    private const string Redis = "StackExchange.Redis";
    private const string Web = "Microsoft.AspNetCore";

    private static readonly string[] Ours =
    [
        "Streams.Schemas", "Streams.Ingest", "Streams.Processors.ModeEstimation", "Streams.Processors.GraphFilter", "Streams.Processors.Captioning",
        "Streams.Grains", "Streams.Dashboard", "Streams.DevBroker", "Streams.Host",
    ];

    public static TheoryData<string, string[], string[]> Arrows => new()
    {
        { "Streams.Schemas", [], [Orleans, Kafka, Redis, Web, "TorchSharp", "FFMpegCore"] },
        { "Streams.Ingest", ["Streams.Schemas"], [Orleans, Redis, Web, "TorchSharp"] },
        { "Streams.Processors.ModeEstimation", ["Streams.Schemas"], [Orleans, Kafka, Redis, Web, "TorchSharp", "FFMpegCore", "System.Net.Sockets", "System.Net.Http", "System.IO.File"] },
        { "Streams.Processors.GraphFilter", ["Streams.Schemas"], [Orleans, Kafka, Redis, Web, "FFMpegCore", "System.Net.Sockets", "System.Net.Http", "System.IO.File"] },
        { "Streams.Processors.Captioning", ["Streams.Schemas"], [Orleans, Kafka, Redis, Web, "FFMpegCore", "System.Net.Sockets", "System.Net.Http"] },
        { "Streams.Grains", ["Streams.Schemas"], [Kafka, Redis, Web, "FFMpegCore", "System.Net.Sockets"] },
        { "Streams.Dashboard", ["Streams.Schemas"], [Orleans, Kafka, "TorchSharp", "FFMpegCore"] },
        { "Streams.DevBroker", [], [Orleans, Kafka, Redis, "TorchSharp", "FFMpegCore"] },
    };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void Project_ReferencesOnlyWhatTheArchitectureAllows(string project, string[] allowed, string[] forbidden)
    {
        var others = Ours.Where(other => other != project && !allowed.Contains(other)).Concat(forbidden).ToArray();
        Assert.Empty(Offenders(Assembly.Load(project), others));
    }

    [Fact]
    public void Captioning_TouchesFilesOnlyToLoadAndSaveModels()
    {
        var offenders = Types.InAssembly(Assembly.Load("Streams.Processors.Captioning"))
            .That().HaveDependencyOnAny("System.IO.File", "System.IO.Directory", "System.IO.FileStream")
            .GetTypes()
            .Select(type => type.FullName!)
            .Where(name => !ModelFiles().IsMatch(name));
        Assert.Empty(offenders);
    }

    [Fact]
    public void Rule_OnATypeThatBreaksIt_NamesTheType() =>
        Assert.Contains(typeof(BrokerProcess).FullName, Offenders(typeof(ArchitectureTests).Assembly, ["System.Net.Sockets"]));

    [Theory]
    [InlineData("grains")]
    [InlineData("processors")]
    public void Source_OfGrainsAndProcessors_UsesNoWallClockAndNoSleep(string folder)
    {
        var offenders = Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => ClockOrSleep().IsMatch(File.ReadAllText(file)));
        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("var now = DateTime.UtcNow;")]
    [InlineData("Thread.Sleep(1);")]
    [InlineData("_ = Task.Run(() => 1);")]
    public void ClockRule_OnCodeThatBreaksIt_Fires(string code) => Assert.Matches(ClockOrSleep(), code);

    private static IEnumerable<string> Offenders(Assembly assembly, string[] forbidden) =>
        Types.InAssembly(assembly).That().HaveDependencyOnAny(forbidden).GetTypes().Select(type => type.FullName!);

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\.(UtcNow|Now)\b|\bThread\.Sleep\b|\bTask\.Run\b")]
    private static partial Regex ClockOrSleep();

    [GeneratedRegex(@"\.(Checkpoints|Training|Tokenization|Pipeline)\.")]
    private static partial Regex ModelFiles();
}
