using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Streams.Ingest.Sources;

/// <summary>Holds options against their annotations; what is wrong is said in the words of <see cref="SourceException"/>.</summary>
internal static class OptionsCheck
{
    /// <summary>Longest key of a record, in bytes.</summary>
    private const int MaxKeyBytes = 512;

    public static void Annotations(object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var value = property.GetValue(options);
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>().Where(rule => !rule.IsValid(value)))
            {
                throw new SourceException(rule switch
                {
                    RangeAttribute range => $"{property.Name} is {Text(value)}; give {Text(range.Minimum)} to {Text(range.Maximum)}",
                    RequiredAttribute => $"{property.Name} is missing; give one",
                    _ => rule.FormatErrorMessage(property.Name),
                });
            }
        }
    }

    /// <summary>What becomes the key of records.</summary>
    public static void Key(string name, string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new SourceException($"{name} is empty; give a name");
        }

        if (Encoding.UTF8.GetByteCount(value) is var bytes && bytes > MaxKeyBytes)
        {
            throw new SourceException($"{name} has {bytes} bytes; give a name of at most {MaxKeyBytes}");
        }
    }

    /// <summary>A file that is to be read, as a full path.</summary>
    public static string File(string name, string path, string what)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new SourceException($"{name} is empty; give the path of {what}");
        }

        if (Directory.Exists(path))
        {
            throw new SourceException($"{name} '{path}' is a directory; give the path of {what}");
        }

        return System.IO.File.Exists(path)
            ? Path.GetFullPath(path)
            : throw new SourceException($"{name} '{path}' does not exist; give the path of {what} (looked in {Environment.CurrentDirectory})");
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "nothing";
}
