using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Streams.Schemas;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.DeadLetters;

/// <summary>
/// Sends dead letters to their source again, or gives them up. A letter's record and its marker are in one transaction, and whoever starts
/// reads the markers only after the broker has fenced whoever was before: a letter is sent once however often, and by however many, this is
/// run or killed.
/// </summary>
public sealed class DeadLetterOperation
{
    /// <summary>Most letters of one transaction.</summary>
    internal const int ChunkLetters = 500;

    private const long ChunkBytes = 16 * 1024 * 1024;

    // After a timeout the client is replaced and the markers are read again.
    private const int MaxAttempts = 5;

    private readonly KafkaOptions _kafka;
    private readonly DeadLetterTopic _topic;
    private readonly DeadLetterStatus _goal;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Action<DeadLetterStep> _onStep;
    private readonly int _chunkLetters;

    /// <summary>Makes an operation on one dead-letter topic.</summary>
    /// <param name="kafka">How to reach the broker.</param>
    /// <param name="topic">Whose letters.</param>
    /// <param name="goal"><see cref="DeadLetterStatus.Redriven"/> or <see cref="DeadLetterStatus.Purged"/>.</param>
    /// <param name="logger">Messages of the client library.</param>
    /// <param name="time">Clock of the markers.</param>
    /// <exception cref="DeadLetterException">Letters of a replay cannot be redriven.</exception>
    public DeadLetterOperation(KafkaOptions kafka, DeadLetterTopic topic, DeadLetterStatus goal, ILogger logger, TimeProvider? time = null)
        : this(kafka, topic, goal, logger, time, _ => { })
    {
    }

    internal DeadLetterOperation(
        KafkaOptions kafka,
        DeadLetterTopic topic,
        DeadLetterStatus goal,
        ILogger logger,
        TimeProvider? time,
        Action<DeadLetterStep> onStep,
        int chunkLetters = ChunkLetters)
    {
        if (goal == DeadLetterStatus.Pending)
        {
            throw new ArgumentOutOfRangeException(nameof(goal), goal, "a letter is redriven or purged; it cannot be made pending");
        }

        if (goal == DeadLetterStatus.Redriven && topic.Run != Topics.LiveRun)
        {
            throw new DeadLetterException(
                $"letters of the replay run '{topic.Run}' cannot be redriven: it reads the topics of live between bounds that are frozen",
                $"mend what refused them, then replay the range under a new name: `streams replay --topic {topic.Source} --run NAME`");
        }

        (_kafka, _topic, _goal, _logger) = (kafka, topic, goal, logger);
        (_time, _onStep, _chunkLetters) = (time ?? TimeProvider.System, onStep, chunkLetters);
    }

    /// <summary>What <see cref="Run"/> would do now. Changes nothing.</summary>
    /// <exception cref="DeadLetterException">The letters cannot be read.</exception>
    public DeadLetterPlan Plan(DeadLetterFilter filter, int? limit = null, CancellationToken ct = default)
    {
        using var reader = new DeadLetterReader(_kafka, _topic, _logger, _time);
        return Plan(reader, filter, limit, ct);
    }

    /// <summary>Handles the pending letters that <paramref name="filter"/> means, at most <paramref name="limit"/>, the oldest first.</summary>
    /// <exception cref="DeadLetterException">Somebody else took over, or the broker does not do it. What was committed before stays.</exception>
    public DeadLetterOutcome Run(DeadLetterFilter filter, int? limit = null, Action<DeadLetterProgress>? progress = null, CancellationToken ct = default)
    {
        Pass? pass = null;
        for (var attempt = 1; ;)
        {
            using var transactions = new DeadLetterTransactions(_kafka, _topic, _logger, _onStep);
            using var reader = new DeadLetterReader(_kafka, _topic, _logger, _time);
            try
            {
                transactions.TakeOver();
                // Only now: a transaction of whoever was before is decided, and none can follow.
                var plan = Plan(reader, filter, pass is null ? limit : null, ct);
                _onStep(DeadLetterStep.Indexed);
                pass ??= new Pass(plan, _time, progress);
                var left = plan.Letters.Where(pass.Chose).ToList();
                pass.Committed(left);
                if (Settle(transactions, reader, left, pass, ct))
                {
                    return pass.Outcome;
                }
            }
            catch (TransactionOutcomeException e)
            {
                _logger.DeadLetterTransactionUnknown(_topic.Name, attempt, e.Message);
                if (attempt++ == MaxAttempts)
                {
                    throw transactions.Explain(e.Error, e);
                }
            }
            catch (KafkaException e)
            {
                throw transactions.Explain(e.Error, e);
            }
        }
    }

    private DeadLetterPlan Plan(DeadLetterReader reader, DeadLetterFilter filter, int? limit, CancellationToken ct)
    {
        var index = reader.ReadIndex(filter with { Status = DeadLetterStatus.Pending }, ct);
        var partitions = _goal == DeadLetterStatus.Redriven ? reader.PartitionsOf(_topic.Source) : 0;
        var refused = index.Entries.Select(letter => (Letter: letter, Reason: Refusal(letter, partitions)))
            .Where(each => each.Reason is not null).Select(each => new RefusedLetter(each.Letter, each.Reason!)).ToList();
        var letters = DeadLetterPlan.InOrder(index.Entries.Except(refused.Select(each => each.Letter), ReferenceEqualityComparer.Instance).Cast<DeadLetterEntry>());
        return new DeadLetterPlan(limit is { } most ? [.. letters.Take(most)] : letters, refused);
    }

    private string? Refusal(DeadLetterEntry entry, int partitions) => entry.Letter switch
    {
        _ when _goal == DeadLetterStatus.Purged => null,
        { Topic: var topic } when topic != _topic.Source => $"its record comes from {topic}, not from {_topic.Source}",
        _ when entry.TruncatedFrom is { } length => $"it was cut from {length} bytes; send the record again from where it was made, then purge the letter",
        { Partition: var partition } when partition >= partitions => $"{_topic.Source} has no partition {partition} any more ({partitions} in all)",
        _ => null,
    };

    /// <summary>
    /// Commits letters chunk by chunk. False when the broker refused a record: the client is not used any further, as after any failure, and
    /// since somebody else may come before the next one takes over, the markers must be read again.
    /// </summary>
    private bool Settle(DeadLetterTransactions transactions, DeadLetterReader reader, List<DeadLetterEntry> letters, Pass pass, CancellationToken ct)
    {
        foreach (var chunk in Chunks(letters, pass))
        {
            ct.ThrowIfCancellationRequested();
            var batch = _goal == DeadLetterStatus.Redriven
                ? chunk.Zip(reader.Read(chunk, ct), Again).Zip(chunk.Select(Marker)).SelectMany(pair => new[] { pair.First, pair.Second }).ToList()
                : [.. chunk.Select(Marker)];
            if (transactions.Commit(batch, ct) is { } error)
            {
                pass.Refuse(chunk, $"the broker refuses its record ({error.Reason}); raise max.message.bytes of {_topic.Source}, or purge the letter");
                return false;
            }

            pass.Committed(chunk.Count, _goal == DeadLetterStatus.Redriven ? chunk.Sum(letter => (long)(letter.ValueBytes ?? 0)) : 0);
        }

        return true;
    }

    private IEnumerable<List<DeadLetterEntry>> Chunks(IEnumerable<DeadLetterEntry> letters, Pass pass)
    {
        var chunk = new List<DeadLetterEntry>();
        var bytes = 0L;
        foreach (var letter in letters)
        {
            if (chunk.Count == _chunkLetters || (chunk.Count > 0 && (bytes + (letter.ValueBytes ?? 0) > ChunkBytes || pass.GoesAlone(letter) || pass.GoesAlone(chunk[^1]))))
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }

            chunk.Add(letter);
            bytes += letter.ValueBytes ?? 0;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    /// <summary>The record as it was, and where it comes from.</summary>
    private (TopicPartition To, Message<byte[]?, byte[]?> Record) Again(DeadLetterEntry entry, ConsumeResult<byte[]?, byte[]?> letter)
    {
        var headers = new Confluent.Kafka.Headers();
        foreach (var (name, value) in RecordHeaders.Own(letter.Message.Headers))
        {
            headers.Add(name, value);
        }

        headers.Add(Schemas.Envelope.Headers.RedrivenFrom, Encoding.UTF8.GetBytes(entry.Letter.Origin.ToString()));
        return (
            new TopicPartition(_topic.Source, entry.Letter.Partition),
            new Message<byte[]?, byte[]?>
            {
                Key = letter.Message.Key,
                Value = letter.Message.Value,
                Headers = headers,
                // The event time of a record without CloudEvents headers.
                Timestamp = entry.Letter.Timestamp > DateTimeOffset.UnixEpoch ? new Timestamp(entry.Letter.Timestamp) : Timestamp.Default,
            });
    }

    private (TopicPartition To, Message<byte[]?, byte[]?> Record) Marker(DeadLetterEntry entry)
    {
        var status = _goal == DeadLetterStatus.Redriven ? DeadLetterMarker.Redriven : DeadLetterMarker.Purged;
        var marker = new DeadLetterMarker(status, entry.Letter.Run, entry.Letter.Origin, entry.Letter.Timestamp, _time.GetUtcNow());
        var headers = new Confluent.Kafka.Headers();
        foreach (var (name, value) in marker.ToHeaders())
        {
            headers.Add(name, value);
        }

        return (entry.Position.TopicPartition, new Message<byte[]?, byte[]?> { Key = entry.Key, Value = null, Headers = headers });
    }

    /// <summary>What was chosen at first, over all attempts: letters that come meanwhile, of redriven records that failed again among them, are not.</summary>
    private sealed class Pass(DeadLetterPlan plan, TimeProvider time, Action<DeadLetterProgress>? progress)
    {
        private readonly HashSet<LetterId> _chosen = [.. plan.Letters.Select(letter => letter.Id)];
        private readonly List<RefusedLetter> _refused = [.. plan.Refused];
        private readonly HashSet<LetterId> _refusedIds = [];
        private readonly HashSet<LetterId> _suspects = [];
        private readonly long _started = time.GetTimestamp();
        private int _done;
        private long _bytes;

        public DeadLetterOutcome Outcome => new(_done, _bytes, _refused);

        public bool Chose(DeadLetterEntry letter) => _chosen.Contains(letter.Id) && !_refusedIds.Contains(letter.Id);

        /// <summary>After the markers were read: what is not left is done, the commit without an answer included.</summary>
        public void Committed(List<DeadLetterEntry> left)
        {
            var ids = left.Select(letter => letter.Id).ToHashSet();
            var done = plan.Letters.Where(letter => !ids.Contains(letter.Id) && !_refusedIds.Contains(letter.Id)).ToList();
            Report(done.Count, done.Sum(letter => (long)(letter.ValueBytes ?? 0)));
        }

        public void Committed(int letters, long bytes) => Report(_done + letters, _bytes + bytes);

        /// <summary>Records that share a request are refused together; one by one it shows which is at fault.</summary>
        public void Refuse(List<DeadLetterEntry> chunk, string reason)
        {
            if (chunk is [var letter])
            {
                _refusedIds.Add(letter.Id);
                _refused.Add(new RefusedLetter(letter, reason));
            }
            else
            {
                _suspects.UnionWith(chunk.Select(letter => letter.Id));
            }
        }

        public bool GoesAlone(DeadLetterEntry letter) => _suspects.Contains(letter.Id);

        private void Report(int done, long bytes)
        {
            (_done, _bytes) = (done, bytes);
            progress?.Invoke(new DeadLetterProgress(done, _chosen.Count, bytes, time.GetElapsedTime(_started)));
        }
    }
}
