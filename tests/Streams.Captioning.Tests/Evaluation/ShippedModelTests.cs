using System.Diagnostics;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Pipeline;
using Streams.Schemas.Frames;

namespace Streams.Captioning.Tests.Evaluation;

/// <summary>What the weights in the repository can do.</summary>
public sealed class ShippedModelTests
{
    private const int Clips = 512;

    [Fact]
    public async Task EvaluateAsync_UnseenSeeds_PassesTheGates()
    {
        // A clip is cheaper in a large batch.
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu", BatchSize = 16 });

        var metrics = await CaptionerEvaluator.EvaluateAsync(captioner, Clips, cancellationToken: TestContext.Current.CancellationToken);

        Assert.InRange(metrics.Validation.Exact, 0.95, 1);
        Assert.All(metrics.Validation.Attributes, attribute => Assert.InRange(attribute.Value, 0.97, 1));
        Assert.InRange(metrics.HeldOut.Exact, 0.80, 1);

        // With time taken away, motion must be lost; else the captions guess it from something that is not motion.
        Assert.InRange(metrics.OneFrame.Attributes["motion"], 0, 0.35);
    }

    [Theory]
    [InlineData(192, 23, "yuv420p")]
    [InlineData(384, 28, "yuv420p")]
    public async Task CaptionAsync_AfterARealH264RoundTrip_StillRight(int size, int quality, string pixelFormat)
    {
        const int FramesPerTick = 3;
        await using var captioner = await TorchCaptioner.LoadAsync(new CaptionerOptions { Device = "cpu" });
        var scenes = Enumerable.Range(0, 40).Select(index => ClipScenes.Create(4242, index)).ToList();
        var frames = scenes.SelectMany(scene => Enumerable.Range(0, ClipScene.Ticks * FramesPerTick).Select(i => SceneRenderer.RenderFrame(scene, (double)i / FramesPerTick, size)));
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "clip.mp4");
        await FfmpegAsync($"-f rawvideo -pix_fmt rgb24 -s {size}x{size} -r 24 -i - -c:v libx264 -crf {quality} -preset veryfast -pix_fmt {pixelFormat} {file}", frames.Select(frame => frame.Pixels.ToArray()));
        var decoded = await FfmpegAsync($"-i {file} -vf fps=8 -f rawvideo -pix_fmt rgb24 -", []);

        var bytes = size * size * 3;
        Assert.InRange(decoded.Length / bytes, scenes.Count * ClipScene.Ticks, int.MaxValue);
        var (right, total, exact) = (0, 0, 0);
        for (var i = 0; i < scenes.Count; i++)
        {
            var clip = Enumerable.Range(i * ClipScene.Ticks, ClipScene.Ticks).Select(frame => new RgbFrame(default, size, size, decoded.AsMemory(frame * bytes, bytes))).ToList();
            var score = CaptionScorer.Score(scenes[i].Caption, (await captioner.CaptionAsync(clip, TestContext.Current.CancellationToken)).Text);
            (right, total, exact) = (right + score.Right, total + score.Total, exact + (score.Exact ? 1 : 0));
        }

        TestContext.Current.SendDiagnosticMessage($"{size} px, crf {quality}: exact {exact}/{scenes.Count}, attributes {right}/{total}");
        Assert.InRange((double)right / total, 0.97, 1);
        Assert.InRange((double)exact / scenes.Count, 0.9, 1);
    }

    private static async Task<byte[]> FfmpegAsync(string arguments, IEnumerable<byte[]> input)
    {
        var start = new ProcessStartInfo("ffmpeg", $"-y -loglevel error {arguments}") { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("ffmpeg is not installed");
        }

        using var running = process!;
        using var output = new MemoryStream();
        var reading = running.StandardOutput.BaseStream.CopyToAsync(output);
        foreach (var bytes in input)
        {
            await running.StandardInput.BaseStream.WriteAsync(bytes);
        }

        running.StandardInput.Close();
        await reading;
        await running.WaitForExitAsync();
        Assert.Equal(0, running.ExitCode);
        return output.ToArray();
    }
}
