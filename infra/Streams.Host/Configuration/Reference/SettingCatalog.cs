using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace Streams.Host.Configuration.Reference;

/// <summary>All settings, out of the options classes: what can be set is what is documented.</summary>
internal static class SettingCatalog
{
    /// <summary>Every setting, in the order of the classes.</summary>
    public static IReadOnlyList<Setting> Read()
    {
        var comments = new XmlComments();
        return [.. Of(typeof(StreamsOptions), new StreamsOptions(), [StreamsOptions.Section], comments)];
    }

    /// <summary>What each section is for, by its name.</summary>
    public static IReadOnlyDictionary<string, string> Sections()
    {
        var comments = new XmlComments();
        return typeof(StreamsOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => IsSection(property.PropertyType))
            .ToDictionary(property => property.Name, property => comments.Of(property));
    }

    private static IEnumerable<Setting> Of(Type type, object defaults, IReadOnlyList<string> path, XmlComments comments)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is { IsPublic: true }))
        {
            IReadOnlyList<string> here = [.. path, property.Name];
            var value = property.GetValue(defaults);
            if (IsSection(property.PropertyType))
            {
                foreach (var inner in Of(property.PropertyType, value!, here, comments))
                {
                    yield return inner;
                }
            }
            else if (value is IDictionary)
            {
                var element = property.PropertyType.GetGenericArguments()[1];
                IReadOnlyList<string> named = [.. here, Setting.AnyName];
                foreach (var inner in IsSection(element) ? Of(element, Activator.CreateInstance(element)!, named, comments)
                    : [new Setting(named, element, "", null, null, null, comments.Of(property))])
                {
                    yield return inner;
                }
            }
            else
            {
                var range = property.GetCustomAttribute<RangeAttribute>();
                yield return new Setting(
                    here,
                    Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType,
                    Text(value),
                    range is null ? null : Text(range.Minimum),
                    range is null ? null : Text(range.Maximum),
                    property.GetCustomAttribute<RegularExpressionAttribute>()?.Pattern,
                    comments.Of(property));
            }
        }
    }

    private static bool IsSection(Type type) => type.IsClass && type.Namespace?.StartsWith("Streams", StringComparison.Ordinal) == true;

    // Where the program lies differs between machines.
    private static string Text(object? value) =>
        (value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : $"{value}")
        .Replace(AppContext.BaseDirectory, "", StringComparison.Ordinal);
}
