using Streams.Schemas.Labels;

namespace Streams.Processors.ModeEstimation;

/// <summary>A definition inside saved state.</summary>
internal static class TaskDefinitionState
{
    /// <summary>The rule of a task of version 1 that named none.</summary>
    private const string DefaultRuleOfVersion1 = LabelRules.Ppr;

    public static void Save(BinaryWriter writer, LabelTask definition, string rule, bool isImplied)
    {
        writer.Write(definition.Delta);
        writer.Write7BitEncodedInt(definition.Labels);
        writer.Write7BitEncodedInt(definition.Pool ?? 0);
        writer.Write7BitEncodedInt(definition.InFlight);
        writer.Write7BitEncodedInt(definition.MaxLabels ?? 0);
        writer.Write(definition.Rule ?? "");
        writer.Write(rule);
        writer.Write7BitEncodedInt(definition.MinLabels ?? 0);
        writer.Write(definition.Tolerance ?? 0);
        writer.Write(definition.RelativeTolerance ?? 0);
        writer.Write(isImplied);
    }

    /// <returns>The definition, and the rule in force: a default that has changed since does not change a task under way.</returns>
    public static (LabelTask Definition, string Rule, bool IsImplied) Restore(BinaryReader reader, string task, int version)
    {
        var delta = reader.ReadDouble();
        var labels = reader.Read7BitEncodedInt();
        var pool = reader.Read7BitEncodedInt();
        var inFlight = reader.Read7BitEncodedInt();
        var maxLabels = reader.Read7BitEncodedInt();
        var named = NullIfEmpty(reader.ReadString());
        var definition = new LabelTask(task, delta, labels, NullIfZero(pool), inFlight, NullIfZero(maxLabels), named);
        if (version == 1)
        {
            return (definition, named ?? DefaultRuleOfVersion1, reader.ReadBoolean());
        }

        var inForce = reader.ReadString();
        definition = definition with
        {
            MinLabels = NullIfZero(reader.Read7BitEncodedInt()),
            Tolerance = NullIfZero(reader.ReadDouble()),
            RelativeTolerance = NullIfZero(reader.ReadDouble()),
        };
        return (definition, inForce, reader.ReadBoolean());
    }

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;

    private static double? NullIfZero(double value) => value == 0 ? null : value;

    private static int? NullIfZero(int value) => value == 0 ? null : value;
}
