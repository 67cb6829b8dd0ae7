using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Streams.Host.Configuration.Reference;

/// <summary>infra/appsettings.schema.json: the same for editors, as JSON Schema (draft 2020-12).</summary>
internal static class SettingsSchema
{
    private const string Time = @"^-?([0-9]+\.)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?$";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The schema.</summary>
    public static string Write()
    {
        // Other sections, such as Logging, are others' business; inside Streams nothing unknown is taken.
        var root = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Settings of Streams",
            ["type"] = "object",
            ["properties"] = new JsonObject(),
        };
        foreach (var setting in SettingCatalog.Read())
        {
            var at = root;
            foreach (var name in setting.Path.SkipLast(1))
            {
                at = Child(at, name, Section);
            }

            Child(at, setting.Path[^1], () => Value(setting));
        }

        return root.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Child(JsonObject parent, string name, Func<JsonObject> make)
    {
        if (name == Setting.AnyName)
        {
            if (parent["additionalProperties"] is not JsonObject any)
            {
                parent["additionalProperties"] = any = make();
            }

            return any;
        }

        var properties = (JsonObject)parent["properties"]!;
        if (properties[name] is not JsonObject child)
        {
            properties[name] = child = make();
        }

        return child;
    }

    private static JsonObject Section() => new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = new JsonObject() };

    private static JsonObject Value(Setting setting)
    {
        var value = new JsonObject { ["description"] = setting.Summary };
        if (setting.Type.IsEnum)
        {
            value["enum"] = new JsonArray([.. Enum.GetNames(setting.Type).Select(name => (JsonNode)name)]);
        }
        else
        {
            value["type"] = setting.IsInteger ? "integer" : setting.IsNumber ? "number" : setting.Type == typeof(bool) ? "boolean" : "string";
        }

        if (setting.Pattern is not null || setting.Type == typeof(TimeSpan))
        {
            value["pattern"] = setting.Pattern ?? Time;
        }

        if (setting.Type == typeof(DateTimeOffset))
        {
            value["format"] = "date-time";
        }

        if (setting is { IsNumber: true, Least: not null, Most: not null })
        {
            value["minimum"] = Number(setting.Least);
            value["maximum"] = Number(setting.Most);
        }

        if (setting.Default.Length > 0)
        {
            value["default"] = setting.IsNumber ? Number(setting.Default) : setting.Type == typeof(bool) ? bool.Parse(setting.Default) : setting.Default;
        }

        return value;
    }

    private static JsonNode Number(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var whole) ? whole : double.Parse(text, CultureInfo.InvariantCulture);
}
