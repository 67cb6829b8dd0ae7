using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Streams.Processors.Captioning.Serving;

/// <summary>All instruments of captioning.</summary>
public static class ServingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Streams.Captioning";

    internal static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "streams.captioning.duration",
        "s",
        "Time of one piece of work by stage: frames (a record's, unpacked and scaled), prepare (a clip and its prompt), encode (images together), "
        + "prefill (prompts together), token (one more for every sequence)");

    private static readonly Histogram<double> Wait =
        Meter.CreateHistogram<double>("streams.captioning.wait", "s", "Time from a clip's coming to its caption");

    private static readonly Histogram<double> Fill =
        Meter.CreateHistogram<double>("streams.captioning.batch.fill", "1", "Share of the slots that were taken in a decoding step");

    private static readonly Counter<long> Images =
        Meter.CreateCounter<long>("streams.captioning.images", "{image}", "Images by how their visual tokens came about: encoded or reused");

    private static readonly Counter<long> PromptTokens =
        Meter.CreateCounter<long>("streams.captioning.tokens.prompt", "{token}", "Tokens of prompts");

    private static readonly Counter<long> NewTokens =
        Meter.CreateCounter<long>("streams.captioning.tokens.new", "{token}", "Tokens generated");

    private static readonly Counter<long> Gated =
        Meter.CreateCounter<long>("streams.captioning.clips.gated", "{clip}", "Clips that the scene gate kept from the model");

    // Batchers that run; the observable instruments ask each of them.
    private static readonly ConcurrentDictionary<DeviceBatcher, bool> Running = new();

    static ServingMetrics()
    {
        Meter.CreateObservableGauge("streams.captioning.queue", () => Each(lane => lane.Waiting), "{clip}", "Clips that wait for the encoder");
        Meter.CreateObservableGauge("streams.captioning.slots.active", () => Each(lane => lane.Active), "{clip}", "Clips whose captions are being generated");
        Meter.CreateObservableGauge("streams.captioning.cache.bytes", () => Each(lane => lane.KeyValueBytes), "By", "Key-value cache");
        Meter.CreateObservableGauge("streams.captioning.embeddings.bytes", () => Each(lane => lane.EmbeddingBytes), "By", "Kept visual tokens");
    }

    internal static void Encoded(string model, long began, int encoded, int reused)
    {
        Time(model, "encode", began);
        Images.Add(encoded, Model(model), new("how", "encoded"));
        Images.Add(reused, Model(model), new("how", "reused"));
    }

    internal static void Prefilled(string model, long began, int tokens)
    {
        Time(model, "prefill", began);
        PromptTokens.Add(tokens, Model(model));
    }

    internal static void Stepped(string model, long began, int sequences, int slots)
    {
        Time(model, "token", began);
        Fill.Record((double)sequences / slots, Model(model));
        NewTokens.Add(sequences, Model(model));
    }

    internal static void Waited(string model, long began) => Wait.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, Model(model));

    /// <summary>Before the model, on the caller's thread.</summary>
    internal static void Prepared(string stage, long began) =>
        Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    internal static void Skipped() => Gated.Add(1);

    internal static void Observe(DeviceBatcher batcher) => Running[batcher] = true;

    internal static void Forget(DeviceBatcher batcher) => Running.TryRemove(batcher, out _);

    private static void Time(string model, string stage, long began) =>
        Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, Model(model), new("stage", stage));

    private static IEnumerable<Measurement<long>> Each(Func<ModelLane, long> read) =>
        Running.Keys.SelectMany(batcher => batcher.Lanes).Select(lane =>
            new Measurement<long>(read(lane), Model(lane.Model.Name), new KeyValuePair<string, object?>("device", $"{lane.Model.Device}")));

    private static KeyValuePair<string, object?> Model(string name) => new("model", name);
}
