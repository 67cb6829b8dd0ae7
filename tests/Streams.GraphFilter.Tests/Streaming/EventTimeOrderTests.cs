using CsCheck;
using Streams.Schemas;
using Streams.Schemas.Processing;
using Streams.Schemas.Results;

namespace Streams.GraphFilter.Tests.Streaming;

/// <summary>Rows of several producers that wait for the watermark.</summary>
public sealed class EventTimeOrderTests
{
    [Fact]
    public void ApplyAsync_AnyOrderWithinTheLateness_GivesTheSameValuesAndGraphs() =>
        Gen.Select(Gen.Int[3, 6], Gen.Int[0, 1_000_000]).Sample(
            (sensors, seed) =>
            {
                var random = new Random(seed);
                var records = Sources.Split(Feed.Drifting(40, sensors, 0.2, seed), 1 + random.Next(sensors - 1));
                var inOrder = Feed.Processor(Sources.Dropping);
                var expected = inOrder.Apply([.. Sources.Disorder(records, 0, random), .. Sources.End]);
                foreach (var options in (Processors.GraphFilter.Streaming.GraphFilterOptions[])[Sources.Dropping, Sources.Correcting])
                {
                    var disordered = Feed.Processor(options).Apply([.. Sources.Disorder(records, 3, random), .. Sources.End]);
                    Assert.Empty(disordered.Rejections);
                    Assert.Equal(expected.Filled(), disordered.Filled());
                    Assert.Equal(Data(expected, Topics.SensorGraphs), Data(disordered, Topics.SensorGraphs));
                }
            },
            iter: 30);

    /// <summary>What waits is as good as a record at a time in order: the same as without any lateness.</summary>
    [Fact]
    public void ApplyAsync_TwoProducersHalves_AreOneRow()
    {
        var rows = Feed.Drifting(40, 4, 0.2, 5);
        var merged = Feed.Processor(Sources.Dropping).Apply([.. Sources.Split(rows, 2), .. Sources.End]);
        var whole = Feed.Processor().Apply(Feed.Records(rows, Feed.Names(4)));
        Assert.Equal(whole.Filled(), merged.Filled());
        Assert.Equal(Data(whole, Topics.SensorGraphs), Data(merged, Topics.SensorGraphs));
    }

    [Fact]
    public void ApplyAsync_LateUpToTheCorrection_LeavesWhatARunInOrderGives() =>
        Gen.Select(Gen.Int[3, 6], Gen.Int[0, 1_000_000]).Sample(
            (sensors, seed) =>
            {
                var random = new Random(seed);
                var records = Sources.Split(Feed.Drifting(40, sensors, 0.2, seed), 1 + random.Next(sensors - 1));
                var inOrder = Feed.Processor(Sources.Dropping).Apply([.. Sources.Disorder(records, 0, random), .. Sources.End]);
                var corrected = Feed.Processor(Sources.Correcting).Apply([.. Sources.Disorder(records, 6, random), .. Sources.End]);
                Assert.Empty(corrected.Rejections);
                Assert.Equal(
                    inOrder.Results.Newest().SelectMany(row => row.Values),
                    corrected.Results.Newest().SelectMany(row => row.Values));
            },
            iter: 30);

    [Fact]
    public void ApplyAsync_AnyCallsAndRestarts_GiveTheSameBytes() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Bool).Sample(
            (seed, correct) =>
            {
                var random = new Random(seed);
                var options = (correct ? Sources.Correcting : Sources.Dropping) with { MaxWaitingRows = random.Next(3, 40) };
                var records = Sources.Disorder(Sources.Split(Feed.Drifting(30, 4, 0.2, seed), 2), 9, random);
                var whole = Feed.Processor(options);
                var expected = whole.Apply(records);
                var parts = Feed.Processor(options);
                var results = new List<ResultDraft>();
                var rejections = new List<Rejection>();
                for (var from = 0; from < records.Count;)
                {
                    var to = Math.Min(records.Count, from + random.Next(1, 9));
                    var output = parts.Apply(records[from..to]);
                    results.AddRange(output.Results);
                    rejections.AddRange(output.Rejections);
                    from = to;
                    if (random.Next(2) == 0)
                    {
                        var saved = parts.SaveState();
                        parts = Feed.Processor(options, saved);
                        Assert.Equal(saved, parts.SaveState());
                    }
                }

                Assert.Equal(expected.Rejections, rejections);
                Assert.Equal(expected.Results.Select(draft => (draft.Offset, draft.Topic, draft.Time)), results.Select(draft => (draft.Offset, draft.Topic, draft.Time)));
                Assert.Equal(expected.Results.Select(draft => draft.Data), results.Select(draft => draft.Data));
                Assert.Equal(whole.SaveState(), parts.SaveState());
            },
            iter: 40);

    [Fact]
    public void ApplyAsync_LateRows_AreDroppedCountedAndARecordOfThemAloneRefused()
    {
        var processor = Feed.Processor(Sources.Dropping);
        var output = processor.Apply(
        [
            .. Enumerable.Range(0, 20).Select(day => Sources.Record("a", day, 0, day, double.NaN)),
            Sources.Record("b", 15, 1, 3) with { Offset = 20 },
            .. Enumerable.Range(20, 30).Select(day => Sources.Record("a", day, 0, day % 3, day % 5, day % 7)),
        ]);
        var refused = Assert.Single(output.Rejections);
        Assert.Equal(20, refused.Offset);
        Assert.Contains("the newest is 2020-01-16", refused.Reason, StringComparison.Ordinal);
        Assert.Contains("2020-01-17T00:00:00.0000000+00:00 was passed by the watermark", refused.Reason, StringComparison.Ordinal);
        Assert.Contains(output.Graphs()[^1].Notes, note => note.StartsWith("1 late", StringComparison.Ordinal));
        Assert.All(output.Results, draft => Assert.NotEqual(20, draft.Offset));
    }

    [Fact]
    public void ApplyAsync_LateReading_IsGivenOutAsTheNextVersionOfItsRowAndOfWhatFollows()
    {
        var rows = Feed.Drifting(20, 3, 0, 9);
        var processor = Feed.Processor(Sources.Correcting);
        var before = processor.Apply([.. rows.Select((row, day) => Sources.Record("a", day, 0, day is 14 or 15 ? [row[0], row[1], double.NaN] : row))]);
        Assert.Equal([Feed.Day(14), Feed.Day(15)], before.Filled().Select(value => value.Time));
        Assert.All(before.Results.Where(draft => draft.Topic == Topics.SensorImputed), draft => Assert.Null(ResultJson.Deserialize<ImputedReadings>(draft.Data).Version));

        var late = processor.Apply(Sources.Record("b", 14, 2, rows[14][2]) with { Offset = 77 });
        Assert.Empty(late.Rejections);
        var draft = Assert.Single(late.Results);
        Assert.Equal(77, draft.Offset);
        var correction = ResultJson.Deserialize<ImputedReadings>(draft.Data);
        Assert.Equal(2, correction.Version);
        Assert.Equal([Feed.Day(14), Feed.Day(15)], correction.Rows);
        Assert.Equal(Feed.Day(15), Assert.Single(correction.Values).Time);
        Assert.NotEqual(before.Filled()[1].Value, correction.Values[0].Value);

        // Said again it changes nothing, and too late it is refused.
        Assert.Empty(processor.Apply(Sources.Record("b", 14, 2, rows[14][2])).Results);
        Assert.Contains("2020-01-14", Assert.Single(processor.Apply(Sources.Record("b", 12, 2, 1)).Rejections).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ApplyAsync_SilentProducer_HoldsTheRowsOnlyUntilItIsIdle()
    {
        var processor = Feed.Processor(Sources.Dropping);
        processor.Apply(Sources.Record("silent", 0, 1, 1), Sources.Record("on", 0, 0, 1));
        var given = new List<(int Day, int Row)>();
        for (var day = 1; day < 40; day++)
        {
            var output = processor.Apply(Sources.Record("on", day, 0, 1, 2, double.NaN, 4));
            given.AddRange(output.Filled().Select(value => (day, (value.Time - Feed.Start).Days)));
        }

        // Eight to twelve days, and then all at once; afterwards three days each.
        Assert.InRange(given[0].Day, 8, 13);
        Assert.All(given.Where(pair => pair.Row > 12), pair => Assert.Equal(pair.Row + 4, pair.Day));
        Assert.Equal(Enumerable.Range(1, 35), given.Select(pair => pair.Row));
    }

    [Fact]
    public void ApplyAsync_ProducerWithAClockAYearAhead_ChangesNothingForTheOthers()
    {
        var rows = Feed.Drifting(40, 4, 0.2, 3);
        var right = Sources.Split(rows, 2);
        var ahead = Enumerable.Range(0, 40).Select(day => Sources.Record("ahead", day + (day > 20 ? 365 : 0), 0, double.NaN)).ToList();
        var expected = Feed.Processor(Sources.Dropping).Apply([.. right, .. Sources.End]).Filled();
        var output = Feed.Processor(Sources.Dropping).Apply([.. right.Chunk(2).Zip(ahead).SelectMany(pair => (InputRecord[])[pair.Second, .. pair.First])]);
        Assert.Empty(output.Rejections);
        Assert.NotEmpty(output.Filled());
        Assert.Equal(expected.Take(output.Filled().Count), output.Filled());
    }

    [Fact]
    public void ApplyAsync_MoreRowsThanMayWait_TakesTheOldestEarly()
    {
        var options = Sources.Correcting with { AllowedLateness = TimeSpan.FromDays(300), MaxWaitingRows = 10 };
        var processor = Feed.Processor(options);
        var rows = Feed.Drifting(60, 3, 0.3, 2);
        var output = processor.Apply([.. rows.Select((row, day) => Sources.Record("a", day, 0, row))]);
        Assert.Empty(output.Rejections);
        Assert.Equal(49, (output.Filled()[^1].Time - Feed.Start).Days, 3d);
        Assert.InRange(processor.SaveState().Length, 1, 8_000);
    }

    [Fact]
    public void Create_StateBeforeLatenessWasAllowed_GoesOnFromItsNewestRow()
    {
        var rows = Feed.Drifting(60, 4, 0.2, 11);
        var before = Feed.Processor();
        before.Apply(Feed.Records(rows[..30], Feed.Names(4)));
        var after = Feed.Processor(Sources.Correcting, before.SaveState());
        Assert.Single(after.Apply(Sources.Record("a", 29, 0, 1)).Rejections);
        var output = after.Apply([.. Sources.Disorder(Sources.Split(rows, 2).Skip(60), 3, new Random(1)), .. Sources.End]);
        var whole = Feed.Processor().Apply(Feed.Records(rows, Feed.Names(4)));
        Assert.Equal(whole.Filled().Where(value => value.Time >= Feed.Day(30)), output.Filled());
    }

    [Fact]
    public void Create_StateWithRowsThatWait_WithoutLateness_TakesThemFirst()
    {
        var rows = Feed.Drifting(40, 4, 0.2, 12);
        var before = Feed.Processor(Sources.Correcting);
        var output = before.Apply(Feed.Records(rows[..30], Feed.Names(4)));
        var after = Feed.Processor(state: before.SaveState()).Apply([.. Feed.Records(rows, Feed.Names(4)).Skip(30)]);
        var whole = Feed.Processor().Apply(Feed.Records(rows, Feed.Names(4)));
        Assert.Equal(whole.Filled(), [.. output.Filled(), .. after.Filled()]);
    }

    [Fact]
    public void Create_StateOfToday_CutOrDamaged_IsRefusedOrRead()
    {
        var processor = Feed.Processor(Sources.Correcting);
        processor.Apply(Sources.Disorder(Sources.Split(Feed.Drifting(30, 4, 0.2, 13), 2), 6, new Random(2)));
        var state = processor.SaveState();
        Assert.Equal(6, state[4]);
        for (var length = 0; length < state.Length; length += 3)
        {
            Assert.Throws<StateFormatException>(() => Feed.Processor(Sources.Correcting, state[..length]));
        }

        Assert.Throws<StateFormatException>(() => Feed.Processor(Sources.Correcting, [.. state, 0]));
        var random = new Random(3);
        for (var i = 0; i < 2_000; i++)
        {
            var damaged = state.ToArray();
            damaged[random.Next(5, state.Length)] = (byte)random.Next(256);
            try
            {
                _ = Feed.Processor(Sources.Correcting, damaged);
            }
            catch (StateFormatException)
            {
                // The right answer to damage that shows.
            }
        }
    }

    private static IEnumerable<byte[]> Data(ProcessorOutput output, string topic) => output.Results.Where(draft => draft.Topic == topic).Select(draft => draft.Data);
}
