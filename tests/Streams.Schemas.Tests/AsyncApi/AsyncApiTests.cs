using System.Globalization;
using System.Reflection;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using YamlDotNet.RepresentationModel;

namespace Streams.Schemas.Tests.AsyncApi;

/// <summary>schemas/asyncapi.yaml says what the code does.</summary>
public sealed class AsyncApiTests
{
    private static readonly AsyncApiDocument Document = AsyncApiDocument.Load();

    [Fact]
    public void Channels_Addresses_AreTheTopicsOfTheCode() =>
        Assert.Equal(
            Sorted([.. Topics.Sources, .. Topics.Results, .. Topics.Sources.Select(Topics.DeadLetter)]),
            Sorted(Document.Channels.Select(channel => AsyncApiDocument.Text(channel.Node, "address")!)));

    [Fact]
    public void Channels_Messages_AreOfTheirTopic() =>
        Assert.All(Document.Channels, channel =>
        {
            var address = AsyncApiDocument.Text(channel.Node, "address")!;
            var names = Document.Children(Document.Child(channel.Node, "messages")).Select(message => AsyncApiDocument.Text(message.Node, "name")!).ToArray();

            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.StartsWith(
                address.EndsWith(Topics.DeadLetterSuffix, StringComparison.Ordinal) ? "streams.deadletter." : $"streams.{address.Split('.')[0]}.",
                name,
                StringComparison.Ordinal));
        });

    [Fact]
    public void Operations_SourcesAreReceived_ResultsAndDeadLettersAreSent() =>
        Assert.Equal(
            Sorted([.. Topics.Sources.Select(topic => "receive " + topic), .. Topics.Results.Concat(Topics.Sources.Select(Topics.DeadLetter)).Select(topic => "send " + topic)]),
            Sorted(Document.Children(Document.At("operations")).Select(operation =>
                AsyncApiDocument.Text(operation.Node, "action") + " " + AsyncApiDocument.Text(Document.Child(operation.Node, "channel"), "address"))));

    [Fact]
    public void Messages_Names_AreTheEventTypesOfTheCode() =>
        Assert.Equal(Sorted(Constants(typeof(EventTypes))), Sorted(Document.Messages.Select(message => AsyncApiDocument.Text(message.Node, "name")!)));

    [Fact]
    public void Messages_Each_StandsOnAChannel() =>
        Assert.Equal(
            Sorted(Document.Messages.Select(message => AsyncApiDocument.Text(message.Node, "name")!)),
            Sorted(Document.Channels
                .SelectMany(channel => Document.Children(Document.Child(channel.Node, "messages")))
                .Select(message => AsyncApiDocument.Text(message.Node, "name")!)
                .Distinct()));

    [Fact]
    public void Headers_Names_AreThoseOfTheCode() =>
        Assert.Equal(
            Sorted(Constants(typeof(Headers))),
            Sorted(Document.Messages.SelectMany(message => Document.Properties(Document.Child(message.Node, "headers"))).Select(header => header.Name).Distinct()));

    [Fact]
    public void EventHeaders_Required_AreThoseThatReadersInsistOn()
    {
        var full = new EventEnvelope("1", "/a", EventTypes.VideoFrame, DateTimeOffset.UnixEpoch, "s", "t", "https://example.org/s", "p").ToHeaders().ToDictionary();
        var insisted = full.Keys.Where(name =>
        {
            var rest = new Dictionary<string, byte[]>(full);
            rest.Remove(name);
            return Record.Exception(() => EventEnvelope.FromHeaders(rest.GetValueOrDefault)) is not null;
        });

        var schema = Document.At("components/schemas/eventHeaders");
        Assert.Equal(Sorted(insisted), Sorted(AsyncApiDocument.List(schema, "required")));
        Assert.Equal(Sorted(full.Keys), Sorted(Document.Properties(schema).Select(header => header.Name)));
    }

    [Fact]
    public void DeadLetterHeaders_Names_AreThoseThatAreWritten()
    {
        var time = DateTimeOffset.UnixEpoch;
        var written = new DeadLetter("live", "t", 0, 0, time, "e", "r", 1, time).ToHeaders().Select(header => header.Key).ToArray();
        var schema = Document.At("components/schemas/deadLetterHeaders");

        Assert.Equal(Sorted([.. written, Headers.TruncatedFrom, Headers.FirstOrigin]), Sorted(Document.Properties(schema).Select(header => header.Name)));
        Assert.Equal(Sorted(written), Sorted(AsyncApiDocument.List(schema, "required")));
        Assert.Equal(DeadLetter.MaxReasonBytes, Number("components/schemas/deadLetterHeaders/properties/dlt-reason", "maxLength"));
    }

    [Fact]
    public void DeadLetterMarkerHeaders_Names_AreThoseThatAreWritten()
    {
        var written = new DeadLetterMarker("purged", "live", new RecordOrigin("t", 0, 0), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch).ToHeaders();
        var schema = Document.At("components/schemas/deadLetterMarkerHeaders");

        Assert.Equal(Sorted(written.Select(header => header.Key)), Sorted(AsyncApiDocument.List(schema, "required")));
        Assert.Equal(Sorted(AsyncApiDocument.List(schema, "required")), Sorted(Document.Properties(schema).Select(header => header.Name)));
        Assert.Equal(
            [DeadLetterMarker.Redriven, DeadLetterMarker.Purged],
            AsyncApiDocument.List(Document.At("components/schemas/deadLetterMarkerHeaders/properties/dlt-status"), "enum"));
    }

    [Fact]
    public void LabelTask_Limits_AreThoseOfTheCodec()
    {
        Assert.Equal(LabelCodec.MaxLabelKinds, Number("components/schemas/labelTask/properties/labels", "maximum"));
        Assert.Equal(LabelCodec.MaxInFlight, Number("components/schemas/labelTask/properties/inFlight", "maximum"));
        Assert.Equal(LabelTask.DefaultInFlight, Number("components/schemas/labelTask/properties/inFlight", "default"));
    }

    [Fact]
    public void Document_Values_AreNeverEmpty()
    {
        // A comma in an unquoted text within { } ends the text there: what follows becomes a key without a value.
        Assert.All(Document.Root.AllNodes.OfType<YamlScalarNode>(), scalar => Assert.False(string.IsNullOrEmpty(scalar.Value), $"line {scalar.Start.Line}"));
        Assert.Equal("3.0.0", AsyncApiDocument.Text(Document.Root, "asyncapi"));
    }

    [Fact]
    public void References_Each_LeadsSomewhere_AndEverySchemaIsReferredTo()
    {
        var references = Document.Root.AllNodes.OfType<YamlMappingNode>().Select(node => AsyncApiDocument.Text(node, "$ref")).OfType<string>().ToHashSet();

        Assert.All(references, reference => Assert.NotEmpty(Document.At(reference[2..]).Children));
        Assert.All(Document.Schemas, schema => Assert.Contains("#/components/schemas/" + schema.Name, references));
    }

    private static long Number(string path, string name) => long.Parse(AsyncApiDocument.Text(Document.At(path), name)!, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!);

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];
}
