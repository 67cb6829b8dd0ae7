using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation;

/// <summary>A definition inside saved state.</summary>
internal static class TaskDefinitionState
{
    public static void Save(BinaryWriter writer, LabelTask definition, bool isImplied)
    {
        writer.Write(definition.Delta);
        writer.Write7BitEncodedInt(definition.Labels);
        writer.Write7BitEncodedInt(definition.Pool ?? 0);
        writer.Write7BitEncodedInt(definition.InFlight);
        writer.Write7BitEncodedInt(definition.MaxLabels ?? 0);
        writer.Write(definition.Rule ?? "");
        writer.Write(isImplied);
    }

    public static (LabelTask Definition, bool IsImplied) Restore(BinaryReader reader, string task)
    {
        var delta = reader.ReadDouble();
        var labels = reader.Read7BitEncodedInt();
        var pool = reader.Read7BitEncodedInt();
        var inFlight = reader.Read7BitEncodedInt();
        var maxLabels = reader.Read7BitEncodedInt();
        var rule = reader.ReadString();
        return (new LabelTask(task, delta, labels, NullIfZero(pool), inFlight, NullIfZero(maxLabels), rule.Length == 0 ? null : rule), reader.ReadBoolean());
    }

    private static int? NullIfZero(int value) => value == 0 ? null : value;
}
