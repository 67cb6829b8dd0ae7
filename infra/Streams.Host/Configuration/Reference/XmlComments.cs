using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Streams.Host.Configuration.Reference;

/// <summary>The comments of the source, which the compiler writes beside each assembly, as Markdown.</summary>
internal sealed class XmlComments
{
    private readonly Dictionary<Assembly, Dictionary<string, string>> _byAssembly = [];

    /// <summary>The summary of a property, or what its record says of the parameter that it is; empty when it has neither.</summary>
    public string Of(PropertyInfo property)
    {
        var comments = In(property.DeclaringType!.Assembly);
        var type = NameOf(property.DeclaringType);
        return comments.GetValueOrDefault($"P:{type}.{property.Name}") ?? comments.GetValueOrDefault($"T:{type}({property.Name})") ?? "";
    }

    /// <summary>The summary of a type; empty when it has none.</summary>
    public string Of(Type type) => In(type.Assembly).GetValueOrDefault($"T:{NameOf(type)}", "");

    private Dictionary<string, string> In(Assembly assembly)
    {
        lock (_byAssembly)
        {
            if (!_byAssembly.TryGetValue(assembly, out var comments))
            {
                _byAssembly[assembly] = comments = Path.ChangeExtension(assembly.Location, ".xml") is var file && File.Exists(file) ? Load(file) : [];
            }

            return comments;
        }
    }

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    // A summary under the member's name, a parameter of a type under both names.
    private static Dictionary<string, string> Load(string file)
    {
        var comments = new Dictionary<string, string>();
        foreach (var member in XDocument.Load(file).Descendants("member"))
        {
            var name = member.Attribute("name")!.Value;
            if (member.Element("summary") is { } summary)
            {
                comments[name] = Text(summary);
            }

            foreach (var parameter in name.StartsWith("T:", StringComparison.Ordinal) ? member.Elements("param") : [])
            {
                comments[$"{name}({parameter.Attribute("name")!.Value})"] = Text(parameter);
            }
        }

        return comments;
    }

    private static string Text(XElement comment)
    {
        var text = new StringBuilder();
        foreach (var node in comment.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is { } reference => $"`{Last(reference.Value)}`",
                XElement { Name.LocalName: "see" } see => $"`{see.Attribute("langword")?.Value ?? see.Value}`",
                XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
                XElement other => other.Value,
                _ => "",
            });
        }

        return string.Join(' ', text.ToString().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Last(string reference) => reference.Split('(')[0].Split('.', ':')[^1];
}
