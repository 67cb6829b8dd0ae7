using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Streams.EndToEnd.Support;
using Streams.Schemas.Results;

namespace Streams.EndToEnd.Faults;

/// <summary>
/// Reads a results topic while it grows: what came, in its order, and how long at most nothing came that was caused by some one source partition.
/// </summary>
internal sealed class ResultWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private readonly List<ResultRead> _results = [];
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _last = [];
    private bool _counting;
    private TimeSpan _gap;

    public ResultWatch(string broker, string topic) =>
        _reading = Task.Factory.StartNew(() => Read(broker, topic), TaskCreationOptions.LongRunning);

    /// <summary>Longest time without a result since <see cref="Begin"/>.</summary>
    public TimeSpan LongestGap
    {
        get
        {
            lock (_gate)
            {
                return _gap;
            }
        }
    }

    /// <summary>Every record, repetitions included.</summary>
    public IReadOnlyList<ResultRead> Results
    {
        get
        {
            lock (_gate)
            {
                return [.. _results];
            }
        }
    }

    /// <summary>From here on the gaps count.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            (_counting, _gap) = (true, TimeSpan.Zero);
            _last.Clear();
        }
    }

    /// <summary>The load has ended: no result is no gap any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _counting = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private void Read(string broker, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = broker,
            GroupId = $"watch-{Guid.NewGuid():n}",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            TopicMetadataRefreshIntervalMs = 1_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { Message: not null } record)
                {
                    Add(new ResultRead(record.Partition.Value, record.Offset.Value, KafkaTopic.Header(record, "ce_id")!, Encoding.UTF8.GetString(record.Message.Value)));
                }
            }
            catch (ConsumeException e) when (!e.Error.IsFatal)
            {
                // The broker is being bounced.
            }
        }

        consumer.Close();
    }

    private void Add(ResultRead result)
    {
        lock (_gate)
        {
            _results.Add(result);
            if (!_counting || !ResultId.TryParse(result.Id, out var id))
            {
                return;
            }

            var now = Stopwatch.GetTimestamp();
            if (_last.TryGetValue(id.Partition, out var last))
            {
                _gap = TimeSpan.FromTicks(Math.Max(_gap.Ticks, Stopwatch.GetElapsedTime(last, now).Ticks));
            }

            _last[id.Partition] = now;
        }
    }
}

/// <summary>A result as it was read.</summary>
/// <param name="Partition">Where on the results topic.</param>
/// <param name="Offset">Where on the results topic.</param>
/// <param name="Id">Its id.</param>
/// <param name="Value">Its value.</param>
internal sealed record ResultRead(int Partition, long Offset, string Id, string Value);
