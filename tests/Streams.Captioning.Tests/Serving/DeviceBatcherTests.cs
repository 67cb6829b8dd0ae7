using Streams.Captioning.Tests.Families.SmolVlm;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Serving;
using Streams.Schemas.Frames;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Serving;

public sealed class DeviceBatcherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_MoreClipsThanFillABatchOfTheEncoder_TheLastGoesWithTheNext()
    {
        await using var batch = new Batch(slots: 5);
        batch.Hold();
        var asked = new List<GenerationRequest> { batch.Ask(Batch.Clip(0)) };
        while (batch.Lane.Waiting > 0)
        {
            await Task.Delay(1, Cancellation);
        }

        asked.AddRange(Enumerable.Range(1, 6).Select(i => batch.Ask(Batch.Clip(i))));
        batch.Open();
        await Task.WhenAll(asked.Select(request => request.Result));

        // Clips of 8 frames: one, filled up where fewer would not be rounded alike, four of the five that there is room for, and two.
        Assert.Equal([batch.Lane.Encoder.Sizes.Sizes[0], 32, 16], batch.Passes.Select(frames => frames.Count));
    }

    [Fact]
    public async Task Submit_AnySlotsJoinOrderCameraAndCache_SameBits()
    {
        var clips = Enumerable.Range(0, 12).Select(Batch.Clip).ToList();
        clips[5] = clips[5][..3]; // one that repeats its last frame
        var expected = new List<IReadOnlyList<(int, double)>>();
        await using (var alone = new Batch(slots: 1))
        {
            foreach (var clip in clips)
            {
                expected.Add(await alone.Ask(clip).Result);
            }
        }

        var random = new Random(Environment.TickCount);
        foreach (var (slots, embeddings, wait) in new[] { (5, 0L, false), (8, 1L << 20, true), (13, 20_000L, false), (24, 0L, true) })
        {
            await using var batch = new Batch(slots, embeddings, stepsWait: wait);
            foreach (var _ in Enumerable.Range(0, 2))
            {
                // Everyone from another camera, in another order, some only when others are under way.
                var order = Enumerable.Range(0, clips.Count).ToArray();
                random.Shuffle(order);
                var asked = new GenerationRequest[clips.Count];
                foreach (var index in order)
                {
                    asked[index] = batch.Ask(clips[index], $"{random.Next(4)}");
                    if (random.Next(3) == 0)
                    {
                        await asked[order[0]].Result;
                    }
                }

                Assert.Equal(expected, await Task.WhenAll(asked.Select(request => request.Result)));
            }
        }
    }

    [Fact]
    public async Task Submit_PromptsOfAllLengthsTogether_EqualsContiguousGenerationOneByOne()
    {
        using var folder = PublishedFolder.Tiny();
        using var session = new CheckpointSession(new CaptionerOptions { ModelDirectory = folder.Path, Prompt = "What?", MaxNewTokens = 12 }, CPU);
        await using var batcher = new DeviceBatcher(1 << 24);
        var lane = batcher.Add(session.Served, 6, 0);
        var random = new Random(4);
        var prompts = Enumerable.Range(0, 15).Select(i => Enumerable.Range(0, 1 + (i * 7 % 40)).Select(_ => (long)random.Next(3, 500)).ToList()).ToList();

        var requests = prompts.Select(prompt => new GenerationRequest("", prompt, [], 12, Cancellation)).ToList();
        requests.ForEach(request => batcher.Submit(lane, request));
        var together = await Task.WhenAll(requests.Select(request => request.Result));

        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        for (var i = 0; i < prompts.Count; i++)
        {
            var (decoder, served) = (session.Served.Model.Language, session.Served);
            var embeddings = decoder.Embed(tensor([.. prompts[i]]).unsqueeze(0));
            var alone = GreedyDecoder.Decode(decoder, served.Text, embeddings, 12, served.EndTokenIds, cancellation: Cancellation)[0];
            Assert.Equal(alone.Select(token => token.Id), together[i].Select(token => token.Id));
            Assert.All(alone.Zip(together[i]), pair => Assert.Equal(pair.First.LogProbability, pair.Second.LogProbability, 1e-4));
        }
    }

    [Fact]
    public async Task Submit_TwoModels_EachAnswersAsItself()
    {
        using var first = PublishedFolder.Tiny(seed: 1);
        using var second = PublishedFolder.Tiny(seed: 2);
        using var one = new CheckpointSession(new CaptionerOptions { ModelDirectory = first.Path, MaxNewTokens = 8 }, CPU);
        using var two = new CheckpointSession(new CaptionerOptions { ModelDirectory = second.Path, MaxNewTokens = 8 }, CPU);
        await using var batcher = new DeviceBatcher(1 << 24);
        var lanes = new[] { batcher.Add(one.Served, 2, 0), batcher.Add(two.Served, 2, 0) };
        async Task<int[]> AskAsync(ModelLane lane)
        {
            var request = new GenerationRequest("", [7, 8, 9], [], 8, Cancellation);
            batcher.Submit(lane, request);
            return [.. (await request.Result).Select(token => token.Id)];
        }

        var alone = new[] { await AskAsync(lanes[0]), await AskAsync(lanes[1]) };
        var together = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => AskAsync(lanes[i % 2])));

        Assert.NotEqual(alone[0], alone[1]);
        Assert.All(together.Select((tokens, i) => (tokens, i)), answer => Assert.Equal(alone[answer.i % 2], answer.tokens));
    }

    [Fact]
    public async Task Submit_BacklogOfOneCamera_AnotherWaitsBehindOnePassAlone()
    {
        await using var batch = new Batch(slots: 2);
        var clip = Batch.Clip(0);
        var other = Batch.Clip(1);
        batch.Hold();
        var backlog = Enumerable.Range(0, 12).Select(_ => batch.Ask(clip, "busy")).ToList();
        var quiet = batch.Ask(other, "quiet");
        batch.Open();

        await Task.WhenAll(backlog.Append(quiet).Select(request => request.Result));

        var pass = batch.Passes.FindIndex(frames => frames.Any(frame => frame == other[0]));
        Assert.InRange(pass, 0, 2);
        Assert.True(batch.Passes.Count > 5, "the backlog took more passes than the quiet camera waited for");
    }

    // What asks for visual tokens alone never comes to a slot: who is in one goes on all the same.
    [Fact]
    public async Task Submit_StepsWaitForAnEncoderThatBringsNothing_CaptionsComeAllTheSame()
    {
        await using var batch = new Batch(slots: 16, stepsWait: true);
        var (clip, other) = (Batch.Clip(0), Batch.Clip(1));
        var expected = await batch.Ask(clip).Result;
        using var stop = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 8).Select(async camera =>
        {
            while (!stop.IsCancellationRequested)
            {
                await batch.Ask(other, $"flood {camera}", maxNewTokens: 0).Result;
            }
        }).ToList();

        var asked = Enumerable.Range(0, 6).Select(_ => batch.Ask(clip)).ToList();
        Assert.Equal(Enumerable.Repeat(expected, 6), await Task.WhenAll(asked.Select(request => request.Result)).WaitAsync(TimeSpan.FromMinutes(1), Cancellation));

        await stop.CancelAsync();
        await Task.WhenAll(flood);
    }

    [Fact]
    public async Task Submit_StepsWait_RunWithSlotsNearlyFull()
    {
        await using var batch = new Batch(slots: 16, stepsWait: true);
        batch.Hold();
        var requests = Enumerable.Range(0, 64).Select(i => batch.Ask(Batch.Clip(i % 4), $"{i % 5}")).ToList();
        var fills = new List<double>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter.Name == ServingMetrics.Name && instrument.Name.EndsWith("batch.fill", StringComparison.Ordinal))
            {
                own.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => fills.Add(value)); // on the generating thread alone
        listener.Start();
        batch.Open();

        await Task.WhenAll(requests.Select(request => request.Result));

        // All but the last round, whose slots nobody is left to fill.
        Assert.True(fills.Take(fills.Count / 2).Min() > 0.85, $"fills {string.Join(' ', fills.Select(fill => fill.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)))}");
    }

    [Fact]
    public async Task Submit_CancelledWhileItWaits_IsDoneWithAndOthersGoOn()
    {
        await using var batch = new Batch();
        using var giveUp = new CancellationTokenSource();
        var expected = await batch.Ask(Batch.Clip(1)).Result;
        batch.Hold();
        var first = batch.Ask(Batch.Clip(2));
        var cancelled = batch.AskUntil(giveUp.Token, Batch.Clip(0));
        var other = batch.Ask(Batch.Clip(1));
        await giveUp.CancelAsync();
        batch.Open();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.Result);
        Assert.Equal(expected, await other.Result);
        Assert.NotEmpty(await first.Result);
    }

    [Fact]
    public async Task Submit_ClipThatTheEncoderChokesOn_FailsAlone()
    {
        await using var batch = new Batch();
        var (bad, good) = (Batch.Clip(0), Batch.Clip(1));
        var expected = await batch.Ask(good).Result;
        batch.Instead = frames => frames.Contains(bad[0]) ? throw new InvalidDataException("no picture") : null;
        batch.Hold();
        GenerationRequest[] requests = [batch.Ask(Batch.Clip(2)), batch.Ask(good), batch.Ask(bad), batch.Ask(good)];
        batch.Open();

        Assert.Equal("no picture", (await Assert.ThrowsAsync<InvalidDataException>(() => requests[2].Result)).Message);
        Assert.Equal([expected, expected], await Task.WhenAll(requests[1].Result, requests[3].Result));
        Assert.Equal(expected, await batch.Ask(good).Result);
    }

    [Fact]
    public async Task Submit_ScoresThatAreNotNumbers_FailThatClipAndLeaveNothingInItsSlot()
    {
        await using var batch = new Batch(slots: 2);
        var (bad, good) = (Batch.Clip(0), Batch.Clip(1));
        var expected = await batch.Ask(good).Result;
        batch.Instead = frames => Spoil(frames, bad[0]);

        var failed = batch.Ask(bad);
        var beside = batch.Ask(good);

        Assert.Contains("not finite", (await Assert.ThrowsAsync<CaptionNotFiniteException>(() => failed.Result)).Message, StringComparison.Ordinal);
        Assert.Equal(expected, await beside.Result);
        Assert.Equal(Enumerable.Repeat(expected, 4), await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => batch.Ask(good).Result)));
    }

    [Fact]
    public async Task Add_BudgetForThreeSlots_HasThreeAndCaptionsAlike()
    {
        await using var roomy = new Batch();
        var slot = SlotCache.SlotBytes(roomy.Lane.Model.Text, roomy.Lane.Model.SlotTokens, ScalarType.Float32);
        await using var tight = new Batch(slots: 8, cacheBytes: (slot * 3) + 1);

        Assert.Equal((8, 3), (roomy.Lane.Generator.Slots, tight.Lane.Generator.Slots));
        Assert.InRange(tight.Lane.KeyValueBytes, 1, slot * 3);
        var (expected, actual) = (await roomy.Ask(Batch.Clip(0)).Result, await tight.Ask(Batch.Clip(0)).Result);
        Assert.Equal(expected.Select(token => token.Id), actual.Select(token => token.Id));
    }

    [Fact]
    public async Task Add_NoRoomForOneSlot_SaysHowMuchItTakes()
    {
        using var session = ModelSession.Load(new CaptionerOptions { BatchSize = 1 }, CPU);
        await using var batcher = new DeviceBatcher(1000);

        var error = Assert.Throws<CacheBudgetException>(() => batcher.Add(session.Served, 1, 0));

        Assert.Contains("1000 are left of Streams:Captioner:CacheBytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_LongerThanASlot_IsRefusedAtOnce()
    {
        await using var batch = new Batch();

        var error = Assert.Throws<CacheBudgetException>(() => batch.Ask(Batch.Clip(0), maxNewTokens: 5000));

        Assert.Contains("5081 tokens", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await batch.Ask(Batch.Clip(0)).Result);
    }

    [Fact]
    public async Task DisposeAsync_WithClipsWaiting_FinishesThemAndTakesNoMore()
    {
        var batch = new Batch();
        batch.Hold();
        var requests = Enumerable.Range(0, 20).Select(i => batch.Ask(Batch.Clip(i % 3), $"{i % 2}")).ToList();

        await batch.DisposeAsync();

        Assert.All(requests, request => Assert.True(request.Result.IsCompletedSuccessfully));
        Assert.Throws<ObjectDisposedException>(() => batch.Ask(Batch.Clip(0)));
    }

    private static Tensor? Spoil(IReadOnlyList<RgbFrame> frames, RgbFrame bad)
    {
        if (!frames.Contains(bad))
        {
            return null;
        }

        var pixels = rand(frames.Count, 3, frames[0].Height, frames[0].Width);
        for (var i = 0; i < frames.Count; i++)
        {
            // Beside it are the frames of other clips, which must come out as ever.
            pixels[i] = frames[i] == bad ? full(pixels[i].shape, double.NaN) : Normal(frames[i]);
        }

        return pixels;
    }

    private static Tensor Normal(RgbFrame frame) =>
        ((frombuffer(frame.Pixels.ToArray(), ScalarType.Byte).view(frame.Height, frame.Width, 3).permute(2, 0, 1).to(ScalarType.Float32) / 255) - 0.5f) / 0.5f;
}
