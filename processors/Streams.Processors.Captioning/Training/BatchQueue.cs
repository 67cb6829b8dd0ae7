using System.Collections.Concurrent;

namespace Streams.Processors.Captioning.Training;

/// <summary>Draws batches ahead on a thread of its own, so that the trainer does not wait for pictures.</summary>
internal sealed class BatchQueue : IDisposable
{
    private readonly BlockingCollection<TrainingBatch> _ready = new(2 * TrainingBatches.Chunk);
    private readonly CancellationTokenSource _stop;
    private readonly Task _drawing;

    /// <param name="batches">All batches in order, drawn as they are enumerated.</param>
    /// <param name="cancellationToken">Ends the drawing.</param>
    public BatchQueue(IEnumerable<TrainingBatch> batches, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _drawing = Task.Factory.StartNew(() => Draw(batches), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public TrainingBatch Take(CancellationToken cancellationToken)
    {
        if (!_ready.TryTake(out var batch, Timeout.Infinite, cancellationToken))
        {
            _drawing.GetAwaiter().GetResult(); // says why there are no more
            throw new InvalidOperationException("no more batches were asked for");
        }

        return batch;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _drawing.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _stop.Dispose();
        _ready.Dispose();
    }

    private void Draw(IEnumerable<TrainingBatch> batches)
    {
        try
        {
            foreach (var batch in batches)
            {
                _ready.Add(batch, _stop.Token);
            }
        }
        finally
        {
            _ready.CompleteAdding();
        }
    }
}
