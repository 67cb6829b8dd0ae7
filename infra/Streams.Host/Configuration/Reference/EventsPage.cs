using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Streams.Host.Configuration.Reference;

/// <summary>infra/EVENTS.md: every message of the log with its event id, which stays the same from version to version.</summary>
internal static class EventsPage
{
    private const string Head = """
        # Log events
        Made by `streams config events` from the code; a test keeps it so, and every id is of one event. The console shows an id as `Category[ID]`, and with
        `Streams:Telemetry:LogForm=Json` as `EventId`; by OTLP it goes along as well. Ids stay as they are: what an alert is made of does not change its
        number. Words in braces are values, by those names.

        """;

    // What the program is made of.
    private static readonly Assembly[] Assemblies =
    [
        typeof(EventsPage).Assembly, typeof(Ingest.KafkaOptions).Assembly, typeof(Grains.StreamKey).Assembly, typeof(Dashboard.DashboardOptions).Assembly,
        typeof(DevBroker.DevBrokerOptions).Assembly, typeof(Streams.Processors.Captioning.ICaptioner).Assembly,
    ];

    /// <summary>An event of the log.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Level">How grave it is; null where that differs from time to time.</param>
    /// <param name="Name">What happened, in one word.</param>
    /// <param name="Message">The message, with the names of its values.</param>
    /// <param name="From">The part of the program that it comes from.</param>
    internal sealed record LogEvent(int Id, LogLevel? Level, string Name, string Message, string From);

    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<LogEvent> Read() =>
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Event: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Event is not null)
            .Select(found => new LogEvent(
                found.Event!.EventId,
                found.Event.Level == LogLevel.None ? null : found.Event.Level,
                found.Event.EventName ?? found.Method.Name,
                found.Event.Message,
                found.Method.DeclaringType!.Assembly.GetName().Name!))
            .OrderBy(found => found.Id).ThenBy(found => found.From, StringComparer.Ordinal),
    ];

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var part in Read().GroupBy(found => found.From))
        {
            page.Append($"\n## {(part.Key == "streams" ? "Streams.Host" : part.Key)}\n\n| id | level | event | message |\n|---|---|---|---|\n");
            foreach (var found in part)
            {
                page.Append($"| {found.Id} | {found.Level?.ToString() ?? "varies"} | {found.Name} | {found.Message.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
            }
        }

        return page.ToString();
    }
}
