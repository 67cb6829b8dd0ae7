using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation.Pairs;

/// <summary>A definition of query model pairs inside saved state.</summary>
internal static class PairTaskState
{
    public static void SaveDefinition(BinaryWriter writer, LabelTask definition)
    {
        writer.Write(definition.Delta);
        writer.Write7BitEncodedInt(definition.Labels ?? 0);
        writer.Write7BitEncodedInt(definition.Pool!.Value);
        writer.Write7BitEncodedInt(definition.InFlight);
        writer.Write7BitEncodedInt(definition.MaxQueries!.Value);
        writer.Write(definition.PairNoise ?? -1);
        writer.Write(definition.Rule ?? "");
        TaskDefinitionState.SaveOptional(writer, definition);
    }

    public static LabelTask RestoreDefinition(BinaryReader reader, string task, int version)
    {
        var (delta, labels, pool, inFlight) = (reader.ReadDouble(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        var (maxQueries, noise, rule) = (reader.Read7BitEncodedInt(), reader.ReadDouble(), reader.ReadString());
        var definition = new LabelTask(
            task,
            delta,
            labels == 0 ? null : labels,
            pool,
            inFlight,
            Rule: rule.Length == 0 ? null : rule,
            QueryModel: QueryModels.Pairs,
            MaxQueries: maxQueries,
            PairNoise: noise < 0 ? null : noise);
        return TaskDefinitionState.RestoreOptional(reader, definition, version);
    }
}
