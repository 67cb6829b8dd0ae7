using Streams.Schemas.Processing;

namespace Streams.Grains.Processing;

/// <summary>How an <see cref="InputRecord"/>, which knows nothing of Orleans, goes to another silo. Within one it goes as it is.</summary>
[GenerateSerializer]
internal struct InputRecordSurrogate
{
    [Id(0)]
    public int Partition;

    [Id(1)]
    public long Offset;

    [Id(2)]
    public DateTimeOffset EventTime;

    [Id(3)]
    public string EventType;

    [Id(4)]
    public ReadOnlyMemory<byte> Payload;

    [Id(5)]
    public DateTimeOffset Published;

    [Id(6)]
    public string Source;

    [Id(7)]
    public string? Subject;
}

/// <summary>Found by Orleans by its attribute.</summary>
[RegisterConverter]
internal sealed class InputRecordConverter : IConverter<InputRecord, InputRecordSurrogate>
{
    public InputRecord ConvertFromSurrogate(in InputRecordSurrogate surrogate) => new(
        surrogate.Partition,
        surrogate.Offset,
        surrogate.EventTime,
        surrogate.EventType,
        surrogate.Payload,
        surrogate.Published,
        surrogate.Source,
        surrogate.Subject);

    public InputRecordSurrogate ConvertToSurrogate(in InputRecord value) => new()
    {
        Partition = value.Partition,
        Offset = value.Offset,
        EventTime = value.EventTime,
        EventType = value.EventType,
        Payload = value.Payload,
        Published = value.Published,
        Source = value.Source,
        Subject = value.Subject,
    };
}
