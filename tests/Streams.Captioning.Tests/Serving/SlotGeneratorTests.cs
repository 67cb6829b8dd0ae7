using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Serving;
using static TorchSharp.torch;

namespace Streams.Captioning.Tests.Serving;

public sealed class SlotGeneratorTests
{
    [Fact]
    public async Task Step_Cancelled_LeavesItsSlotAtTheNextStepAndAnotherJoins()
    {
        using var guard = inference_mode();
        using var session = ModelSession.Load(new CaptionerOptions { BatchSize = 4 }, CPU);
        using var encoder = new ImageEncoder(session.Served, 0);
        using var generator = new SlotGenerator(session.Served, 2, 4);
        using var giveUp = new CancellationTokenSource();
        GenerationRequest Ask(int clip, CancellationTokenSource? cancellation = null)
        {
            var (ids, images) = session.Prepare(Batch.Clip(clip));
            return new GenerationRequest("", ids, images, session.MaxNewTokens, cancellation?.Token ?? CancellationToken.None);
        }

        GenerationRequest[] requests = [Ask(0, giveUp), Ask(1), Ask(2)];
        encoder.Encode(requests);
        generator.Admit(requests[..2]);
        generator.Step();
        Assert.Equal(2, generator.Active);

        await giveUp.CancelAsync();
        generator.Step();
        Assert.Equal(1, generator.Active);
        Assert.True(requests[0].Result.IsCanceled);

        generator.Admit([requests[2]]);
        while (generator.Active > 0)
        {
            generator.Step();
        }

        Assert.All(requests[1..], request => Assert.True(request.Result.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task Admit_MoreThanThereAreSlots_TheOthersFollowAsSlotsFallFree()
    {
        using var guard = inference_mode();
        using var session = ModelSession.Load(new CaptionerOptions { BatchSize = 4 }, CPU);
        using var encoder = new ImageEncoder(session.Served, 0);
        using var giveUp = new CancellationTokenSource();
        List<GenerationRequest> Ask(params IEnumerable<int> clips) =>
        [.. clips.Select(clip =>
        {
            var (ids, images) = session.Prepare(Batch.Clip(clip));
            return new GenerationRequest("", ids, images, session.MaxNewTokens, clip == 3 ? giveUp.Token : CancellationToken.None);
        })];
        void Run(SlotGenerator generator, List<GenerationRequest> requests)
        {
            encoder.Encode(requests);
            generator.Admit(requests);
            while (generator.Active > 0)
            {
                generator.Step();
            }
        }

        using var alone = new SlotGenerator(session.Served, 1, 4);
        var expected = new List<GenerationRequest>();
        foreach (var clip in new[] { 0, 1, 2, 4 })
        {
            expected.AddRange(Ask(clip));
            Run(alone, expected[^1..]);
        }

        using var generator = new SlotGenerator(session.Served, 2, 4);
        var requests = Ask(Enumerable.Range(0, 5));
        encoder.Encode(requests);
        generator.Admit(requests);
        Assert.Equal(5, generator.Active);
        await giveUp.CancelAsync();
        Run(generator, []);

        Assert.True(requests[3].Result.IsCanceled);
        requests.RemoveAt(3);
        Assert.Equal(await Task.WhenAll(expected.Select(request => request.Result)), await Task.WhenAll(requests.Select(request => request.Result)));
    }

    [Fact]
    public void Admit_PromptsOfDifferentLengthsFilledUp_ContinueAsEachWouldAlone()
    {
        using var guard = inference_mode();
        using var session = ModelSession.Load(new CaptionerOptions { BatchSize = 4 }, CPU);
        var length = session.Prepare(Batch.Clip(0)).Ids.Count;
        IReadOnlyList<string> Run(ServedModel served, Func<int, int> words)
        {
            using var encoder = new ImageEncoder(served, 0);
            using var generator = new SlotGenerator(served, 4, 4);
            var requests = Enumerable.Range(0, 4).Select(i =>
            {
                var (ids, images) = session.Prepare(Batch.Clip(i));
                return new GenerationRequest("", [.. Enumerable.Repeat(ids[^1], words(i)), .. ids], images, 6, CancellationToken.None);
            }).ToList();
            encoder.Encode(requests);
            generator.Admit(requests);
            while (generator.Active > 0)
            {
                generator.Step();
            }

            return [.. requests.Select(request => string.Join(' ', request.Result.GetAwaiter().GetResult().Select(token => $"{token.Id}:{token.LogProbability:0.0000}")))];
        }

        var served = session.Served with { SlotTokens = length + 32 };
        var alone = Run(served, i => i);
        var filled = Run(served with { PromptTokens = null, PromptMultiple = 16 }, i => i);

        Assert.Equal(alone, filled);
    }
}
