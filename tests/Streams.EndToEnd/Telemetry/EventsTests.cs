using System.Text.RegularExpressions;
using Streams.EndToEnd.Support;
using Streams.Host.Configuration.Reference;

namespace Streams.EndToEnd.Telemetry;

/// <summary>Events of the log: one id each, and the page that lists them.</summary>
public sealed partial class EventsTests
{
    [Fact]
    public void Ids_AreOfOneEventEach()
    {
        var events = EventsPage.Read();
        Assert.True(events.Count > 60, $"{events.Count} events");
        Assert.Empty(events.GroupBy(found => found.Id).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));
        Assert.All(events, found => Assert.True(found.Id > 0 && found.Message.Length > 0, $"{found}"));
    }

    [Fact]
    public void Page_InTheRepository_IsCurrent() =>
        Assert.Equal(EventsPage.Write(), File.ReadAllText(Repository.PathOf("infra", "EVENTS.md")), ignoreLineEndingDifferences: true);

    /// <summary>A message that is written without the generator has no id.</summary>
    [Fact]
    public void Log_IsWrittenThroughGeneratedMessagesOnly()
    {
        var sources = new[] { "infra", "ingest", "grains", "schemas", "processors" }
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/examples/", StringComparison.Ordinal))
            .ToList();
        Assert.True(sources.Count > 300, $"{sources.Count} files");
        Assert.DoesNotContain(sources, file => Unnumbered().IsMatch(File.ReadAllText(file)));
    }

    [GeneratedRegex(@"[lL]ogger\.Log(Trace|Debug|Information|Warning|Error|Critical)?\(")]
    private static partial Regex Unnumbered();
}
