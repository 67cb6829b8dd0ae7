using System.Text;

namespace Streams.Host.Configuration.Reference;

/// <summary>infra/CONFIGURATION.md: every setting with its default, its limits and what it does.</summary>
internal static class ReferencePage
{
    private const string Head = """
        # Settings
        Made by `streams config reference` from the options classes; a test keeps it so. `appsettings.json` < environment < command line:

        | where | how |
        |---|---|
        | `appsettings.json` beside the program or in the working folder | `{ "Streams": { "Pump": { "MaxLanes": 8 } } }`; editors check it by [appsettings.schema.json](appsettings.schema.json) |
        | environment | `Streams__Pump__MaxLanes=8` |
        | command line | `--set Streams:Pump:MaxLanes=8` |

        Times are `hh:mm:ss`, or `d.hh:mm:ss`. `NAME` is a name of your own. An unknown setting, or one outside its limits, is refused at start. Settings of the
        processors can be a replay's own: `streams replay … --with NAME=VALUE`.

        """;

    /// <summary>The page.</summary>
    public static string Write()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        var sections = SettingCatalog.Sections();
        foreach (var section in SettingCatalog.Read().GroupBy(setting => setting.Path.Count > 2 ? setting.Path[1] : ""))
        {
            page.Append(section.Key.Length == 0 ? $"\n## {StreamsOptions.Section}\n"
                : $"\n## {StreamsOptions.Section}:{section.Key}\n{sections[section.Key]}\n");
            page.Append("\n| setting | default | allowed | what |\n|---|---|---|---|\n");
            foreach (var setting in section)
            {
                var name = string.Join(':', setting.Path.Skip(section.Key.Length == 0 ? 1 : 2));
                page.Append($"| `{name}` | {Code(setting.Default)} | {Allowed(setting)} | {Cell(setting.Summary)} |\n");
            }
        }

        return page.ToString();
    }

    private static string Allowed(Setting setting) =>
        setting.Type.IsEnum ? string.Join(", ", Enum.GetNames(setting.Type).Select(Code))
        : setting.Pattern is not null ? Code(setting.Pattern)
        : setting.Least is not null ? $"{setting.Least} to {setting.Most}"
        : setting.Type == typeof(bool) ? "`True`, `False`"
        : setting.Type == typeof(string) ? "text"
        : setting.Type == typeof(DateTimeOffset) ? "ISO 8601 time"
        : setting.IsInteger ? "whole number"
        : setting.IsNumber ? "number"
        : "time";

    private static string Code(string text) => text.Length == 0 ? "" : $"`{Cell(text)}`";

    // A bar would end the cell.
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
