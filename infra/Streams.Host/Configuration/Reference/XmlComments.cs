using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Streams.Host.Configuration.Reference;

/// <summary>The comments of the source, which the compiler writes beside each assembly, as Markdown.</summary>
internal sealed class XmlComments
{
    private readonly Dictionary<Assembly, Dictionary<string, string>> _byAssembly = [];

    /// <summary>The summary of a property; empty when it has none.</summary>
    public string Of(PropertyInfo property)
    {
        var assembly = property.DeclaringType!.Assembly;
        if (!_byAssembly.TryGetValue(assembly, out var summaries))
        {
            _byAssembly[assembly] = summaries = Load(Path.ChangeExtension(assembly.Location, ".xml"));
        }

        return summaries.GetValueOrDefault($"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}", "");
    }

    private static Dictionary<string, string> Load(string file) =>
        XDocument.Load(file).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => member.Attribute("name")!.Value, member => Text(member.Element("summary")!));

    private static string Text(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
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
