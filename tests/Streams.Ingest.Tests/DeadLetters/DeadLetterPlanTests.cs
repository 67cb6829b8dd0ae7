using Confluent.Kafka;
using CsCheck;
using Streams.Ingest.DeadLetters;
using Streams.Schemas.Envelope;

namespace Streams.Ingest.Tests.DeadLetters;

public sealed class DeadLetterPlanTests
{
    [Fact]
    public void InOrder_AnyLetters_AreByOffsetWithinTheirPartition() =>
        Gen.Select(Gen.Int[0, 3], Gen.Long[0, 30]).Array[0, 60].SelectMany(origins => Gen.Shuffle(origins.Distinct().ToArray()))
            .Sample(origins =>
            {
                var letters = origins.Select((origin, n) => Entry(origin.Item1, origin.Item2, n)).ToList();
                var ordered = DeadLetterPlan.InOrder(letters);

                Assert.Equal(letters.Count, ordered.Count);
                Assert.All(ordered.GroupBy(letter => letter.Letter.Partition), partition =>
                    Assert.Equal(partition.Select(letter => letter.Letter.Offset).Order(), partition.Select(letter => letter.Letter.Offset)));
            });

    [Fact]
    public void InOrder_LettersWrittenInTheirOrder_StayWhereTheyLie()
    {
        DeadLetterEntry[] letters = [Entry(1, 5, 0), Entry(0, 100, 1), Entry(1, 6, 2), Entry(2, 0, 3), Entry(0, 101, 4)];

        Assert.Equal(letters, DeadLetterPlan.InOrder(letters.Reverse()));
    }

    [Fact]
    public void InOrder_TwoSwappedOnTheWay_OnlyTheOneThatMustWaitMoves()
    {
        var (late, early, other) = (Entry(1, 6, 0), Entry(1, 5, 1), Entry(0, 0, 2));

        Assert.Equal([early, late, other], DeadLetterPlan.InOrder([late, early, other]));
    }

    private static DeadLetterEntry Entry(int partition, long offset, long position) => new(
        new DeadLetter("live", "t", partition, offset, DateTimeOffset.UnixEpoch, "E", "r"), null, 1, null, new TopicPartitionOffset("t.dlt", 0, position));
}
