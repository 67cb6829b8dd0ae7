using CsCheck;
using Streams.DevBroker.Protocol;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Tests.Transactions;

public sealed class ReadCommittedProperties
{
    private const int Producers = 4;
    private const int Partitions = 2;

    private enum Step
    {
        Write,
        WriteMore,
        Plain,
        Commit,
        Abort,
        TakeOver,
        Offset,
        Stop,
        Kill,
        KillAndForget,
    }

    private sealed record Action(Step Step, int Producer, int Partition, int Size);

    /// <summary>A producer as the model knows it, and the records of its open transaction.</summary>
    private sealed class Model(InitResult identity)
    {
        public InitResult Identity { get; set; } = identity;

        public Dictionary<int, int> Sequences { get; } = [];

        public List<(int Partition, long Offset)> Open { get; } = [];

        public long? PendingOffset { get; set; }
    }

    private static readonly Gen<Action> s_action = Gen.Select(
        Gen.Frequency((8, Gen.Const(Step.Write)), (4, Gen.Const(Step.WriteMore)), (3, Gen.Const(Step.Plain)), (4, Gen.Const(Step.Commit)), (4, Gen.Const(Step.Abort)),
            (1, Gen.Const(Step.TakeOver)), (2, Gen.Const(Step.Offset)), (1, Gen.Const(Step.Stop)), (1, Gen.Const(Step.Kill)), (1, Gen.Const(Step.KillAndForget))),
        Gen.Int[0, Producers - 1],
        Gen.Int[0, Partitions - 1],
        Gen.Int[1, 8],
        (step, producer, partition, size) => new Action(step, producer, partition, size));

    [Fact]
    public void ReadCommitted_AnyInterleavingOfProducersAndCrashes_IsWhatTheModelSays() =>
        Gen.Select(s_action.Array[1, 60], Gen.Int[1, 2000]).Sample((actions, maxBytes) => Run(actions, maxBytes), iter: 150, threads: 1);

    private static void Run(Action[] actions, int maxBytes)
    {
        using var harness = new CoordinatorHarness(Partitions);
        var models = Enumerable.Range(0, Producers).Select(producer => new Model(harness.Init(Id(producer)))).ToList();
        var committed = Enumerable.Range(0, Partitions).Select(_ => new SortedSet<long>()).ToList();
        var offsets = new Dictionary<string, long>();
        foreach (var action in actions)
        {
            Apply(harness, models, committed, offsets, action);
            Check(harness, models, committed, offsets, maxBytes);
        }
    }

    private static void Apply(CoordinatorHarness harness, List<Model> models, List<SortedSet<long>> committed, Dictionary<string, long> offsets, Action action)
    {
        var model = models[action.Producer];
        string id = Id(action.Producer);
        var (_, producerId, epoch) = model.Identity;
        switch (action.Step)
        {
            case Step.Write or Step.WriteMore:
                Assert.Equal(ErrorCode.None, harness.Coordinator.AddPartitions(id, producerId, epoch, [CoordinatorHarness.Partition(action.Partition)]));
                int sequence = model.Sequences.GetValueOrDefault(action.Partition);
                var written = harness.Append(id, model.Identity, action.Partition, sequence, action.Size);
                Assert.Equal(ErrorCode.None, written.Error);
                model.Sequences[action.Partition] = sequence + action.Size;
                model.Open.AddRange(Enumerable.Range(0, action.Size).Select(i => (action.Partition, written.BaseOffset + i)));
                break;
            case Step.Plain:
                var plain = harness.Logs[action.Partition].Append(Log.Batches.Make(action.Size), 9);
                committed[action.Partition].UnionWith(Enumerable.Range(0, action.Size).Select(i => plain.BaseOffset + i));
                break;
            case Step.Offset:
                Assert.Equal(ErrorCode.None, harness.Coordinator.AddGroup(id, producerId, epoch, id));
                model.PendingOffset = action.Size;
                Assert.Equal(ErrorCode.None, harness.Coordinator.CommitOffsets(id, producerId, epoch, id, () =>
                {
                    harness.Offsets.CommitPending(id, producerId, [new(CoordinatorHarness.Partition(0), new(action.Size, -1, string.Empty, 1))]);
                    return ErrorCode.None;
                }));
                break;
            case Step.Commit or Step.Abort when model.Open.Count > 0 || model.PendingOffset is not null:
                Assert.Equal(ErrorCode.None, harness.Coordinator.End(id, producerId, epoch, action.Step == Step.Commit));
                if (action.Step == Step.Commit)
                {
                    model.Open.ForEach(record => committed[record.Partition].Add(record.Offset));
                    if (model.PendingOffset is { } offset)
                        offsets[id] = offset;
                }

                Forget(model);
                break;
            case Step.TakeOver:
                model.Identity = harness.Init(id);
                Assert.Equal(ErrorCode.None, model.Identity.Error);
                model.Sequences.Clear();
                Forget(model);
                break;
            case Step.Stop or Step.Kill or Step.KillAndForget:
                harness.Restart(clean: action.Step == Step.Stop, _ =>
                {
                    if (action.Step == Step.KillAndForget)
                        harness.DeleteProducerSnapshots();
                });
                break;
        }
    }

    private static void Check(CoordinatorHarness harness, List<Model> models, List<SortedSet<long>> committed, Dictionary<string, long> offsets, int maxBytes)
    {
        for (int partition = 0; partition < Partitions; partition++)
        {
            var log = harness.Logs[partition];
            var open = models.SelectMany(model => model.Open).Where(record => record.Partition == partition).Select(record => record.Offset).ToList();
            long stable = open.Count == 0 ? log.HighWatermark : open.Min();
            Assert.Equal(stable, log.LastStableOffset);
            for (long from = 0; from <= stable; from += 1 + (stable / 3))
            {
                var read = CommittedReader.Read(log, from, maxBytes);
                Assert.Equal(committed[partition].Where(offset => offset >= from && offset < stable), read.Offsets);
                Assert.Equal(stable, read.Position);
            }
        }

        for (int producer = 0; producer < Producers; producer++)
        {
            bool found = harness.Offsets.TryGet(Id(producer), CoordinatorHarness.Partition(0), out var offset);
            Assert.Equal(offsets.TryGetValue(Id(producer), out long expected), found);
            Assert.Equal(expected, offset.Offset);
            Assert.Equal(models[producer].PendingOffset is not null, harness.Offsets.IsPending(Id(producer), CoordinatorHarness.Partition(0)));
        }
    }

    private static void Forget(Model model)
    {
        model.Open.Clear();
        model.PendingOffset = null;
    }

    private static string Id(int producer) => $"tx-{producer}";
}
