using System.Xml.Linq;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd;

/// <summary>The arrows of the architecture in the project files, where a reference that no code uses yet would show too.</summary>
public sealed class ProjectReferenceTests
{
    public static TheoryData<string, string[]> Arrows => new()
    {
        { "schemas/Streams.Schemas", [] },
        { "ingest/Streams.Ingest", ["Streams.Schemas"] },
        { "processors/Streams.Processors.Captioning", ["Streams.Schemas"] },
        { "processors/Streams.Processors.GraphFilter", ["Streams.Schemas"] },
        { "processors/Streams.Processors.ModeEstimation", ["Streams.Schemas"] },
        { "grains/Streams.Grains", ["Streams.Schemas"] },
        { "infra/Streams.Dashboard", ["Streams.Schemas"] },
        { "infra/Streams.DevBroker", [] },
    };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void ProjectFile_References_AreThoseOfTheArchitecture(string folder, string[] allowed)
    {
        var name = Path.GetFileName(folder);
        Assert.Equal(allowed, References(File.ReadAllText(Repository.PathOf([.. folder.Split('/'), name + ".csproj"]))));
    }

    [Fact]
    public void ProductProjects_Each_HasItsArrows()
    {
        string[] folders = ["schemas", "ingest", "processors", "grains", "infra"];
        var products = folders
            .SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetFileNameWithoutExtension(file));

        Assert.Equal(
            Arrows.Select(row => Path.GetFileName(row.Data.Item1)).Append("Streams.Host").Order(StringComparer.Ordinal),
            products.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void References_OfAProjectThatBreaksTheRule_AreAllFound() =>
        Assert.Equal(
            ["Streams.Grains", "Streams.Schemas"],
            References("""<Project><ItemGroup><ProjectReference Include="..\..\schemas\Streams.Schemas\Streams.Schemas.csproj" /></ItemGroup><ItemGroup><ProjectReference Include="../../grains/Streams.Grains/Streams.Grains.csproj" /></ItemGroup></Project>"""));

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order(StringComparer.Ordinal);
}
