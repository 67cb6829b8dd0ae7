using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Host.Cli;
using Streams.Host.Configuration;
using Streams.Ingest.DeadLetters;
using Streams.Schemas;

namespace Streams.Host.DeadLetters;

/// <summary>Dead letters for the dashboard: the same reading and settling as that of <c>streams dlt</c>.</summary>
internal sealed class LetterDesk(StreamsOptions options)
{
    // Reading a dead-letter topic takes a consumer and its prefetch; pages that are open wait for each other rather than add up.
    private readonly SemaphoreSlim _readers = new(2, 2);

    /// <summary>Letters of <paramref name="topics"/>, the newest first, with how many there are by status.</summary>
    /// <exception cref="DeadLetterException">A topic cannot be read.</exception>
    public Task<LetterList> ListAsync(IReadOnlyList<DeadLetterTopic> topics, DeadLetterFilter filter, int limit, CancellationToken cancellation) => ReadAsync(
        () =>
        {
            var all = new List<DeadLetterEntry>();
            foreach (var topic in topics)
            {
                using var reader = Reader(topic);
                all.AddRange(reader.ReadIndex(filter with { Status = null }, cancellation).Entries);
            }

            var letters = all.Where(filter.Matches).OrderByDescending(entry => entry.Letter.Time ?? entry.Letter.Timestamp).ToList();
            return new LetterList(
                Enum.GetValues<DeadLetterStatus>().ToDictionary(LetterText.Status, status => all.Count(entry => entry.Status == status)),
                letters.Count,
                [.. letters.Take(limit)]);
        },
        cancellation);

    /// <summary>One letter whole; null when there is none of that origin.</summary>
    /// <exception cref="DeadLetterException">The topic cannot be read.</exception>
    public Task<(DeadLetterEntry Entry, ConsumeResult<byte[]?, byte[]?> Record)?> FindAsync(
        DeadLetterTopic topic, int partition, long offset, CancellationToken cancellation) => ReadAsync(
        () =>
        {
            using var reader = Reader(topic);
            var entry = reader.ReadIndex(new DeadLetterFilter { Partition = partition, Offset = offset }, cancellation).Entries.LastOrDefault();
            return entry is null ? ((DeadLetterEntry, ConsumeResult<byte[]?, byte[]?>)?)null : (entry, reader.Read([entry], cancellation)[0]);
        },
        cancellation);

    /// <summary>Sends pending letters again, or gives them up.</summary>
    /// <exception cref="DeadLetterException">The letters cannot be settled.</exception>
    public Task<DeadLetterOutcome> SettleAsync(
        DeadLetterTopic topic, DeadLetterStatus goal, DeadLetterFilter filter, CancellationToken cancellation) => ReadAsync(
        () => new DeadLetterOperation(options.Kafka, topic, goal, NullLogger.Instance).Run(filter, ct: cancellation), cancellation);

    private DeadLetterReader Reader(DeadLetterTopic topic) => new(options.Kafka, topic, NullLogger.Instance);

    private async Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellation)
    {
        await _readers.WaitAsync(cancellation);
        try
        {
            // The client library blocks.
            return await Task.Factory.StartNew(read, cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _readers.Release();
        }
    }

    /// <summary>The dead-letter topics of a run: of one source, or of all.</summary>
    /// <exception cref="StreamsException">No such source.</exception>
    public static IReadOnlyList<DeadLetterTopic> TopicsOf(string? source, string? run) =>
        source is null || Topics.Sources.Contains(source)
            ? [.. (source is null ? Topics.Sources : [source]).Select(each => new DeadLetterTopic(each, string.IsNullOrEmpty(run) ? Topics.LiveRun : run))]
            : throw new StreamsException($"topic '{source}' is not a source", $"take one of {string.Join(", ", Topics.Sources)}");
}

/// <summary>Dead letters found.</summary>
/// <param name="Counts">How many by status, whatever status was asked for.</param>
/// <param name="Total">How many were asked for.</param>
/// <param name="Letters">The newest of them.</param>
internal sealed record LetterList(IReadOnlyDictionary<string, int> Counts, int Total, IReadOnlyList<DeadLetterEntry> Letters);
