using System.Text.Json;
using Streams.Schemas;
using Streams.Schemas.Envelope;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Tests;

internal static class SampleResults
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static string NewRun() => $"test-{Guid.NewGuid():N}";

    /// <summary>A caption of event time Epoch + <paramref name="second"/>, made from source offset <paramref name="offset"/>.</summary>
    public static ResultRecord Caption(string run, long offset, double second, string key = "gate", int n = 0, int partition = 0, string text = "a red circle moves left") =>
        new(
            new ResultId(run, Topics.VideoFrames, partition, offset, n).ToString(),
            run,
            Topics.VideoCaptions,
            key,
            Epoch.AddSeconds(second),
            EventTypes.VideoCaption,
            JsonSerializer.SerializeToElement(
                new Caption(key, text, Epoch.AddSeconds(second), Epoch.AddSeconds(second + 1), 8, 0.9, "test"),
                ResultJson.Options));

    public static ResultRecord[] Captions(string run, int count, string key = "gate", long from = 0) =>
        [.. Enumerable.Range(0, count).Select(i => Caption(run, from + i, from + i, key))];
}
