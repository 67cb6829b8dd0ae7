using System.Globalization;
using Streams.DevBroker.Log;

namespace Streams.DevBroker.Producers;

/// <summary>
/// Producer states and transactions as of an offset, in a file named after that offset. Written when a segment is closed and
/// at a clean stop, so that a restart needs to read only the batches behind it.
/// </summary>
internal static class ProducerSnapshot
{
    public const string Extension = ".producers";
    private const int Version = 2;
    private const int VersionWithoutTransactions = 1;

    private sealed record Content(List<ProducerEntry> Entries, List<KeyValuePair<long, long>> Open, List<AbortedTransaction> Aborted);

    public static void Write(string directory, long offset, ProducerStates states, PartitionTransactions transactions)
    {
        using var content = new MemoryStream();
        using var writer = new BinaryWriter(content);
        writer.Write(Version);
        writer.Write(states.Entries.Count);
        foreach (var entry in states.Entries)
        {
            writer.Write(entry.ProducerId);
            writer.Write(entry.Epoch);
            writer.Write(entry.LastWriteMs);
            writer.Write(entry.Batches.Count);
            foreach (var batch in entry.Batches)
            {
                writer.Write(batch.FirstSequence);
                writer.Write(batch.LastSequence);
                writer.Write(batch.BaseOffset);
            }
        }

        WriteTransactions(writer, transactions);
        writer.Flush();
        writer.Write(Crc32C.Compute(content.GetBuffer().AsSpan(0, (int)content.Length)));
        writer.Flush();
        AtomicFile.Write(PathOf(directory, offset), content.GetBuffer().AsSpan(0, (int)content.Length));
        foreach (long older in Offsets(directory).Where(other => other != offset))
            File.Delete(PathOf(directory, older));
    }

    /// <summary>Loads the newest readable snapshot at or before <paramref name="end"/>; returns its offset, or -1 if there is none.</summary>
    public static long Load(string directory, long end, ProducerStates states, PartitionTransactions transactions)
    {
        foreach (long offset in Offsets(directory).Where(offset => offset <= end).OrderDescending())
        {
            if (TryRead(PathOf(directory, offset)) is not { } found)
                continue;
            found.Entries.ForEach(states.Restore);
            transactions.Restore(found.Open, found.Aborted);
            return offset;
        }

        return -1;
    }

    private static void WriteTransactions(BinaryWriter writer, PartitionTransactions transactions)
    {
        writer.Write(transactions.Open.Count);
        foreach (var (producerId, firstOffset) in transactions.Open)
        {
            writer.Write(producerId);
            writer.Write(firstOffset);
        }

        writer.Write(transactions.Aborted.Count);
        foreach (var aborted in transactions.Aborted)
        {
            writer.Write(aborted.ProducerId);
            writer.Write(aborted.FirstOffset);
            writer.Write(aborted.MarkerOffset);
            writer.Write(aborted.LastStableOffset);
        }
    }

    private static string PathOf(string directory, long offset) =>
        Path.Combine(directory, offset.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    private static List<long> Offsets(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*" + Extension)
            .Select(path => long.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out long offset) ? offset : -1)
            .Where(offset => offset >= 0)];

    private static Content? TryRead(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int body = bytes.Length - sizeof(uint);
        if (body < 0 || BitConverter.ToUInt32(bytes, body) != Crc32C.Compute(bytes.AsSpan(0, body)))
            return null;
        using var reader = new BinaryReader(new MemoryStream(bytes));
        int version = reader.ReadInt32();
        if (version is not (Version or VersionWithoutTransactions))
            return null;
        var entries = new List<ProducerEntry>();
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            var entry = new ProducerEntry(reader.ReadInt64(), reader.ReadInt16());
            long lastWrite = reader.ReadInt64();
            entry.Touch(lastWrite);
            for (int batches = reader.ReadInt32(); batches > 0; batches--)
                entry.Add(new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64()), lastWrite);
            entries.Add(entry);
        }

        var content = new Content(entries, [], []);
        if (version == Version)
            ReadTransactions(reader, content);
        return content;
    }

    private static void ReadTransactions(BinaryReader reader, Content content)
    {
        for (int count = reader.ReadInt32(); count > 0; count--)
            content.Open.Add(new(reader.ReadInt64(), reader.ReadInt64()));
        for (int count = reader.ReadInt32(); count > 0; count--)
            content.Aborted.Add(new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
    }
}
