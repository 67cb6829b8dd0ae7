using System.CommandLine;
using Streams.Host.Configuration.Reference;

namespace Streams.Host.Commands;

/// <summary><c>streams config reference|schema</c>: what can be set.</summary>
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
        return new Command("config", "Print what can be set.") { reference, schema };
    }
}
