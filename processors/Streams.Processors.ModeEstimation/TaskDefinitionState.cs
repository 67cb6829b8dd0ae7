using System.Text;
using Streams.Schemas;
using Streams.Schemas.Labels;
using Streams.Schemas.Results;

namespace Streams.Processors.ModeEstimation;

/// <summary>A definition inside saved state.</summary>
internal static class TaskDefinitionState
{
    /// <summary>The rule of a task of version 1 that named none.</summary>
    private const string DefaultRuleOfVersion1 = LabelRules.Ppr;

    [Flags]
    private enum Optional : byte
    {
        Deadline = 1,
        ReaskAfterSeconds = 2,
        DriftAlarm = 4,
        All = Deadline | ReaskAfterSeconds | DriftAlarm,
    }

    public static void Save(BinaryWriter writer, LabelTask definition, string rule, bool isImplied)
    {
        writer.Write(definition.Delta);
        writer.Write7BitEncodedInt(definition.Labels ?? 0);
        writer.Write7BitEncodedInt(definition.Pool ?? 0);
        writer.Write7BitEncodedInt(definition.InFlight);
        writer.Write7BitEncodedInt(definition.MaxLabels ?? 0);
        writer.Write(definition.Rule ?? "");
        writer.Write(rule);
        writer.Write7BitEncodedInt(definition.MinLabels ?? 0);
        writer.Write(definition.Tolerance ?? 0);
        writer.Write(definition.RelativeTolerance ?? 0);
        writer.Write(isImplied);
        SaveOptional(writer, definition);
    }

    /// <summary>Writes the fields that few definitions have, one byte where there are none. Since version 3.</summary>
    public static void SaveOptional(BinaryWriter writer, LabelTask definition)
    {
        writer.Write((byte)(
            (definition.Deadline is null ? 0 : Optional.Deadline)
            | (definition.ReaskAfterSeconds is null ? 0 : Optional.ReaskAfterSeconds)
            | (definition.DriftAlarm is null ? 0 : Optional.DriftAlarm)));
        if (definition.Deadline is { } deadline)
        {
            writer.Write(EventTime.ToMicroseconds(deadline));
        }

        if (definition.ReaskAfterSeconds is { } seconds)
        {
            writer.Write7BitEncodedInt(seconds);
        }

        if (definition.DriftAlarm is { } alarm)
        {
            writer.Write(alarm);
        }
    }

    /// <summary><paramref name="definition"/> with the fields that <see cref="SaveOptional"/> wrote.</summary>
    public static LabelTask RestoreOptional(BinaryReader reader, LabelTask definition, int version)
    {
        var given = version < 3 ? 0 : (Optional)reader.ReadByte();
        return given > Optional.All
            ? throw new InvalidDataException($"fields {given} of the definition are unknown")
            : definition with
            {
                Deadline = given.HasFlag(Optional.Deadline) ? EventTime.FromMicroseconds(reader.ReadInt64()) : null,
                ReaskAfterSeconds = given.HasFlag(Optional.ReaskAfterSeconds) ? reader.Read7BitEncodedInt() : null,
                DriftAlarm = given.HasFlag(Optional.DriftAlarm) ? reader.ReadDouble() : null,
            };
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
        var definition = new LabelTask(task, delta, NullIfZero(labels), NullIfZero(pool), inFlight, NullIfZero(maxLabels), named);
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
        var isImplied = reader.ReadBoolean();
        return (RestoreOptional(reader, definition, version), inForce, isImplied);
    }

    /// <summary>K as the rules take it. A pool has no more labels than samples.</summary>
    /// <exception cref="InvalidOperationException">The set of labels is open.</exception>
    public static int LabelBound(this LabelTask definition) => definition.Labels
        ?? (definition.Pool is { } pool ? Math.Max(2, pool) : throw new InvalidOperationException($"task '{definition.Task}' bounds its labels in no way"));

    /// <summary>What a tombstone keeps of its definition: enough to tell a repetition from another one.</summary>
    public static ulong Fingerprint(LabelTask definition) => Hashing.Text(Encoding.UTF8.GetString(ResultJson.Serialize(definition)));

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;

    private static double? NullIfZero(double value) => value == 0 ? null : value;

    private static int? NullIfZero(int value) => value == 0 ? null : value;
}
