using Streams.Ingest.Pump;
using Streams.Schemas.Results;

namespace Streams.Ingest.Publishing;

/// <summary>
/// Publishes each result in exactly one committed transaction. Every source partition has a transactional producer, which fences that of an
/// earlier owner. Each transaction also notes which source offsets have their results committed; after a crash, or when it is not known whether
/// a commit took place, the note is read again and what is there is not published twice. A producer is never used again after a failure.
/// </summary>
internal sealed class TransactionalResultPublisher(
    IResultTransactions transactions, ResultsOptions options, TimeProvider time, IWorkScheduler scheduler) : IResultPublisher
{
    /// <inheritdoc/>
    public IPartitionPublisher Open(PartitionId partition) => new Session(partition, transactions, options, time, scheduler);

    private sealed class Session(
        PartitionId partition, IResultTransactions transactions, ResultsOptions options, TimeProvider time, IWorkScheduler scheduler) : IPartitionPublisher
    {
        private readonly Lock _gate = new();
        private readonly CancellationTokenSource _closing = new();

        // Guarded by _gate.
        private readonly List<Waiting> _waiting = [];
        private Task _running = Task.CompletedTask;
        private bool _isClosed;

        // Used by the running transaction only.
        private IResultTransaction? _producer;
        private PublishedOffsets _published = PublishedOffsets.Empty;

        public Task PublishAsync(IReadOnlyList<ResultMessage> results, long cursor, CancellationToken ct)
        {
            var waiting = new Waiting(results, cursor);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                _waiting.Add(waiting);
                if (_waiting.Count == 1 && _running.IsCompleted)
                {
                    _running = scheduler.Start(RunAsync);
                }
            }

            return waiting.Done.Task.Here().WaitAsync(ct);
        }

        public async ValueTask DisposeAsync()
        {
            Task running;
            lock (_gate)
            {
                _isClosed = true;
                running = _running;
            }

            await scheduler.CancelAsync(_closing);
            await running;
            Release(new ObjectDisposedException(nameof(TransactionalResultPublisher)), Take());
            Discard();
        }

        /// <summary>Transaction after transaction, until nothing waits.</summary>
        private async Task RunAsync()
        {
            while (!_closing.IsCancellationRequested)
            {
                await Task.WhenAny(Task.Delay(options.TransactionInterval, time, _closing.Token).Here());
                if (_closing.IsCancellationRequested)
                {
                    return;
                }

                var batch = Take();
                try
                {
                    Release(null, Commit(batch));
                }
                catch (Exception e)
                {
                    Discard();
                    Release(e, batch);
                }

                lock (_gate)
                {
                    if (_waiting.Count == 0)
                    {
                        // Whoever comes next starts it again.
                        _running = Task.CompletedTask;
                        return;
                    }
                }
            }
        }

        private List<Waiting> Take()
        {
            lock (_gate)
            {
                var taken = _waiting.ToList();
                _waiting.Clear();
                return taken;
            }
        }

        /// <summary>Commits as much of the batch as one note can name, and gives what is done; the rest waits for the cursor to move.</summary>
        private List<Waiting> Commit(List<Waiting> batch)
        {
            if (_producer is null)
            {
                var producer = transactions.Open(partition);
                _producer = producer;
                _published = PublishedOffsets.TryParse(producer.Initialize(), out var noted) ? noted : PublishedOffsets.Empty;
            }

            var floor = Math.Max(0, batch.Max(waiting => waiting.Cursor));
            var published = _published.With(floor, []);
            var fresh = new List<ResultMessage>();
            var done = new List<Waiting>();
            // The lowest first: it holds the cursor back.
            foreach (var waiting in batch.OrderBy(waiting => waiting.Results[0].SourceOffset))
            {
                var results = waiting.Results.Where(result => !published.Contains(result.SourceOffset)).ToList();
                var with = published.With(floor, results.Select(result => result.SourceOffset));
                if (with.ToString().Length > PublishedOffsets.MaxLength && done.Count + fresh.Count > 0)
                {
                    Return(batch.Except(done));
                    break;
                }

                published = with;
                fresh.AddRange(results);
                done.Add(waiting);
            }

            if (fresh.Count > 0)
            {
                _producer.Commit(fresh, published.ToString());
                _published = published;
            }

            return done;
        }

        private void Return(IEnumerable<Waiting> rest)
        {
            lock (_gate)
            {
                _waiting.InsertRange(0, rest);
            }
        }

        private void Discard()
        {
            _producer?.Dispose();
            _producer = null;
        }

        private static void Release(Exception? failure, List<Waiting> batch)
        {
            foreach (var waiting in batch)
            {
                if (failure is null)
                {
                    waiting.Done.TrySetResult();
                }
                else
                {
                    waiting.Done.TrySetException(failure);
                }
            }
        }
    }

    private sealed record Waiting(IReadOnlyList<ResultMessage> Results, long Cursor)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
