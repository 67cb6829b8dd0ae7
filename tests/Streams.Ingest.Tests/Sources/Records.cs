using System.Text;
using Streams.Ingest.Sources;

namespace Streams.Ingest.Tests.Sources;

internal static class Records
{
    public static async Task<List<SourceRecord>> AllAsync(IRecordSource source)
    {
        var records = new List<SourceRecord>();
        await foreach (var record in source.ReadAsync(TestContext.Current.CancellationToken))
        {
            records.Add(record);
        }

        return records;
    }

    public static string? Header(this SourceRecord record, string name) =>
        record.AllHeaders().SingleOrDefault(header => header.Key == name).Value is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
