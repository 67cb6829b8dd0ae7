using System.Globalization;

namespace Streams.Schemas.Signals;

/// <summary>What every batch of readings obeys, whoever made it.</summary>
internal static class SignalRules
{
    /// <summary>Most sensors in a batch. A covariance of this size already holds 134 MB.</summary>
    public const int MaxSensors = 4096;

    public const string TimeColumn = "time";
    public const string NetworkKey = "network";
    public const string UnitsKey = "units";
    public const string VersionKey = "schema_version";
    public const string RenamedKey = "renamed";

    private const int OldestReadable = SignalBatch.CurrentSchemaVersion > 1 ? SignalBatch.CurrentSchemaVersion - 1 : 1;
    private const int NewestReadable = SignalBatch.CurrentSchemaVersion + 1;

    public static void Check(SignalBatch batch)
    {
        CheckVersion(batch.SchemaVersion.ToString(CultureInfo.InvariantCulture));
        if (string.IsNullOrWhiteSpace(batch.Network))
        {
            throw new RecordFormatException(NetworkKey, "is empty; name the sensor network, as in the record's key");
        }

        CheckSensors(batch.Sensors);
        CheckRenamed(batch.Renamed);
        if (batch.Times.Count == 0)
        {
            throw new RecordFormatException("rows", "there are none; send a record only when there is at least one row");
        }

        var expected = (long)batch.Times.Count * batch.Sensors.Count;
        if (batch.Values.Length != expected)
        {
            throw new RecordFormatException("values", $"{batch.Values.Length} values for {batch.Times.Count} rows of {batch.Sensors.Count} sensors; give {expected}");
        }

        for (var i = 0; i < batch.Values.Length; i++)
        {
            if (double.IsInfinity(batch.Values[i]))
            {
                throw new RecordFormatException(
                    batch.Sensors[i % batch.Sensors.Count],
                    $"row {i / batch.Sensors.Count} is infinite ({batch.Values[i].ToString(CultureInfo.InvariantCulture)}); a missing reading is null or NaN");
            }
        }
    }

    public static void CheckSensors(IReadOnlyList<string> sensors)
    {
        if (sensors.Count is 0 or > MaxSensors)
        {
            throw new RecordFormatException("sensors", $"{sensors.Count} sensor columns; give 1 to {MaxSensors}");
        }

        var seen = new HashSet<string>(sensors.Count, StringComparer.Ordinal);
        foreach (var sensor in sensors)
        {
            if (string.IsNullOrWhiteSpace(sensor) || sensor == TimeColumn)
            {
                throw new RecordFormatException("sensors", $"the sensor name '{sensor}' cannot be used; give each sensor a name other than '{TimeColumn}'");
            }

            if (!seen.Add(sensor))
            {
                throw new RecordFormatException(sensor, "the sensor occurs twice; give each sensor one column");
            }
        }
    }

    private static void CheckRenamed(IReadOnlyDictionary<string, string> renamed)
    {
        if (renamed.Count > MaxSensors)
        {
            throw new RecordFormatException(RenamedKey, $"renames {renamed.Count} sensors; at most {MaxSensors} can be");
        }

        foreach (var (before, now) in renamed)
        {
            if (string.IsNullOrWhiteSpace(before) || string.IsNullOrWhiteSpace(now) || now == TimeColumn || before == now)
            {
                throw new RecordFormatException(RenamedKey, $"renames '{before}' to '{now}'; give the former name and another one, not '{TimeColumn}'");
            }
        }
    }

    public static int CheckVersion(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version is >= OldestReadable and <= NewestReadable
            ? version
            : throw new RecordFormatException(
                VersionKey,
                $"is {(text is null ? "missing" : $"'{text}'")}; this reader accepts {OldestReadable} to {NewestReadable}, write {SignalBatch.CurrentSchemaVersion}");
}
