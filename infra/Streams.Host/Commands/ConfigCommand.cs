using System.CommandLine;
using Streams.Host.Configuration.Reference;

namespace Streams.Host.Commands;

/// <summary><c>streams config reference|schema|events</c>: what can be set, and what the log says.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var reference = new Command("reference", "Print every setting with its default, its limits and what it does, as Markdown.");
        reference.SetAction(_ => Console.Out.Write(ReferencePage.Write()));
        var schema = new Command(
            "schema",
            """
            Print a JSON Schema by which editors check and complete appsettings.json.

              streams config schema > appsettings.schema.json     # and in appsettings.json: "$schema": "./appsettings.schema.json"
            """);
        schema.SetAction(_ => Console.Out.Write(SettingsSchema.Write()));
        var events = new Command("events", "Print every event of the log with its id, as Markdown.");
        events.SetAction(_ => Console.Out.Write(EventsPage.Write()));
        return new Command("config", "Print what can be set, and what the log says.") { reference, schema, events };
    }
}
