using Orleans.Serialization;

namespace Streams.Grains.Processing;

/// <summary>The bytes of a stored state. The simulation has a form of its own.</summary>
internal interface IStateFormat
{
    ReadOnlyMemory<byte> Write(StreamState state);

    StreamState Read(ReadOnlyMemory<byte> data);
}

/// <summary>As Orleans' own storage writes the states of grains.</summary>
internal sealed class OrleansStateFormat(Serializer<StreamState> serializer) : IStateFormat
{
    public ReadOnlyMemory<byte> Write(StreamState state) => serializer.SerializeToArray(state);

    public StreamState Read(ReadOnlyMemory<byte> data) => serializer.Deserialize(data)!;
}
