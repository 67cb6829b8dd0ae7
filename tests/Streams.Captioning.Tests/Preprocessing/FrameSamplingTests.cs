using Streams.Processors.Captioning.Preprocessing;

namespace Streams.Captioning.Tests.Preprocessing;

public sealed class FrameSamplingTests
{
    [Fact]
    public void Smol_GoldenVideos_EqualsTheReference()
    {
        foreach (var item in Golden.Json("preprocess/smolvlm_sampling.json").AsArray())
        {
            var indices = FrameSampling.Smol((int)item!["total"]!, (double)item["fps"]!, (int)item["max_frames"]!, (double)item["target_fps"]!, (double)item["skip_secs"]!);

            Assert.Equal(item["indices"]!.AsArray().Select(index => (int)index!), indices);
        }
    }

    [Theory]
    [InlineData(1, 24, new[] { 0 })]
    [InlineData(3, 24, new[] { 0, 1, 2 })]
    [InlineData(10, 4, new[] { 0, 3, 6, 9 })]
    [InlineData(10, 1, new[] { 0 })]
    public void Uniform_AnyLength_FirstToLast(int total, int frames, int[] expected) => Assert.Equal(expected, FrameSampling.Uniform(total, frames));

    [Fact]
    public void Uniform_TenThousandFrames_GivesTheNumberAskedFor() => Assert.Equal(24, FrameSampling.Uniform(10_000, 24).Count);
}
