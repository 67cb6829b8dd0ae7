using Streams.Processors.GraphFilter.Filling;

namespace Streams.Processors.GraphFilter.Streaming;

/// <summary>The filter with its learners.</summary>
internal static partial class NetworkState
{
    /// <summary>The first version whose filter may be in parts.</summary>
    private const byte WithParts = 5;

    private static void SaveFilter(BinaryWriter writer, INetworkFilter filter)
    {
        writer.Write(filter is BlockedFiller);
        if (filter is BlockedFiller parts)
        {
            parts.Save(writer);
        }
        else
        {
            GapFillerState.Save(writer, (GapFiller)filter);
        }
    }

    private static INetworkFilter ReadFilter(BinaryReader reader, SensorNetwork network, byte version)
    {
        var (sensors, options) = (network.Members.Count, SensorNetwork.Filling(network.Options));
        return version >= WithParts && reader.ReadBoolean()
            ? BlockedFiller.Read(reader, sensors, options, version)
            : GapFillerState.Read(reader, sensors, options, version);
    }
}
