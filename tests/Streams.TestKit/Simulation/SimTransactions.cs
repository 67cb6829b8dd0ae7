using Streams.Ingest;
using Streams.Ingest.Publishing;
using Streams.Schemas.Results;

namespace Streams.TestKit.Simulation;

/// <summary>Transactional producers: a later one of a partition fences the earlier, and a commit is all or nothing, whether or not its answer arrives.</summary>
internal sealed class SimTransactions(SimWorld world, SimBroker broker, SimPoints points) : IResultTransactions
{
    private readonly Dictionary<PartitionId, (int Epoch, string? Note)> _partitions = [];

    public IResultTransaction Open(PartitionId partition) => new Transaction(this, partition);

    private sealed class Transaction(SimTransactions owner, PartitionId partition) : IResultTransaction
    {
        private int _epoch;

        public string? Initialize()
        {
            owner.Lose();
            var (epoch, note) = owner._partitions.GetValueOrDefault(partition);
            _epoch = epoch + 1;
            owner._partitions[partition] = (_epoch, note);
            owner.Lose();
            return note;
        }

        public void Commit(IReadOnlyList<ResultMessage> results, string note)
        {
            owner.Lose();
            if (owner._partitions[partition].Epoch != _epoch)
            {
                throw new StaleEpochException($"{partition}: fenced");
            }

            owner._partitions[partition] = (_epoch, note);
            owner.Add(results);
            owner.Lose();
        }

        public void Dispose()
        {
        }
    }

    private void Add(IReadOnlyList<ResultMessage> results)
    {
        broker.Results.AddRange(results);
        points.Reach(SimPoint.ResultsPublished);
    }

    private void Lose()
    {
        if (world.Happens(broker.LossRate))
        {
            throw new TimeoutException("the broker did not answer");
        }
    }
}
