using System.Reflection;
using System.Text.Json;
using Streams.Schemas.Envelope;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;
using YamlDotNet.RepresentationModel;

namespace Streams.Schemas.Tests.AsyncApi;

/// <summary>The payload schemas of schemas/asyncapi.yaml against the records that are written: names, kinds, what may be missing.</summary>
public sealed class AsyncApiPayloadTests
{
    private static readonly AsyncApiDocument Document = AsyncApiDocument.Load();

    private static readonly NullabilityInfoContext Nullability = new();

    public static TheoryData<string, Type> JsonMessages { get; } = new()
    {
        { EventTypes.LabelTask, typeof(LabelTask) },
        { EventTypes.LabelSample, typeof(LabelSample) },
        { EventTypes.LabelPair, typeof(LabelPair) },
        { EventTypes.LabelStop, typeof(LabelStop) },
        { EventTypes.VideoCaption, typeof(Caption) },
        { EventTypes.SensorGraph, typeof(LearnedGraph) },
        { EventTypes.SensorImputed, typeof(ImputedReadings) },
        { EventTypes.LabelQuery, typeof(LabelQuery) },
        { EventTypes.LabelMode, typeof(LabelMode) },
    };

    [Theory]
    [MemberData(nameof(JsonMessages))]
    public void Payload_OfAJsonMessage_IsTheRecordThatIsWritten(string name, Type record)
    {
        var message = Document.Messages.Single(message => AsyncApiDocument.Text(message.Node, "name") == name).Node;

        AssertObject(record, Document.Child(message, "payload"), record.Name);
    }

    [Fact]
    public void Payload_OfEveryOtherMessage_IsNotJson() =>
        Assert.Equal(
            [EventTypes.DeadLetterMarker, EventTypes.DeadLetter, EventTypes.SensorSignal, EventTypes.VideoEnd, EventTypes.VideoFrame],
            Document.Messages
                .Where(message => !Document.Child(message.Node, "payload").Children.ContainsKey("properties"))
                .Select(message => AsyncApiDocument.Text(message.Node, "name")!)
                .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData(typeof(Caption), "labelMode")]
    [InlineData(typeof(LabelMode), "caption")]
    [InlineData(typeof(GraphEdge), "filterResponse")]
    public void AssertObject_SchemaOfAnotherRecord_Fails(Type record, string schema) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertObject(record, Document.At("components/schemas/" + schema), record.Name));

    private static void AssertObject(Type record, YamlMappingNode schema, string path)
    {
        Assert.Equal("object", AsyncApiDocument.Text(schema, "type"));
        var members = record.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(members.Select(JsonName).Order(StringComparer.Ordinal), Document.Properties(schema).Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Equal(
            members.Where(IsRequired).Select(JsonName).Order(StringComparer.Ordinal),
            AsyncApiDocument.List(schema, "required").Order(StringComparer.Ordinal));
        foreach (var member in members)
        {
            var node = Document.Properties(schema).Single(property => property.Name == JsonName(member)).Node;
            AssertKind(Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType, node, $"{path}.{JsonName(member)}");
        }
    }

    private static void AssertKind(Type type, YamlMappingNode schema, string path)
    {
        if (type == typeof(byte[]))
        {
            AssertScalar("string", "contentEncoding", "base64");
        }
        else if (type == typeof(DateTimeOffset))
        {
            AssertScalar("string", "format", "date-time");
        }
        else if (type.IsEnum)
        {
            AssertScalar("string");
            Assert.Equal(Enum.GetValues(type).Cast<object>().Select(Spelling).Order(StringComparer.Ordinal), AsyncApiDocument.List(schema, "enum").Order(StringComparer.Ordinal));
        }
        else if (type == typeof(string))
        {
            AssertScalar("string");
        }
        else if (type == typeof(int) || type == typeof(long))
        {
            AssertScalar("integer");
        }
        else if (type == typeof(bool))
        {
            AssertScalar("boolean");
        }
        else if (type == typeof(double))
        {
            AssertScalar("number");
        }
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            AssertScalar("array");
            AssertKind(type.GetGenericArguments()[0], Document.Child(schema, "items"), path + "[]");
        }
        else if (type == typeof(IReadOnlyDictionary<string, double>))
        {
            AssertScalar("object");
            AssertKind(typeof(double), Document.Child(schema, "additionalProperties"), path + "[]");
        }
        else
        {
            AssertObject(type, schema, path);
        }

        void AssertScalar(string kind, string? further = null, string? value = null)
        {
            Assert.True(AsyncApiDocument.Text(schema, "type") == kind, $"{path} is {AsyncApiDocument.Text(schema, "type")} in asyncapi.yaml and {kind} in the code");
            if (further is not null)
            {
                Assert.Equal(value, AsyncApiDocument.Text(schema, further));
            }
        }
    }

    private static string JsonName(PropertyInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    /// <summary>A null is left out; a parameter with a default may be.</summary>
    private static bool IsRequired(PropertyInfo member) =>
        Nullability.Create(member).ReadState == NullabilityState.NotNull
        && !member.DeclaringType!.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Any(parameter => parameter.Name == member.Name && parameter.HasDefaultValue);

    private static string Spelling(object value) => JsonSerializer.Serialize(value, ResultJson.Options).Trim('"');
}
