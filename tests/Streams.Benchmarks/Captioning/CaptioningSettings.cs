using System.Globalization;
using System.Runtime.CompilerServices;
using Streams.Processors.Captioning.Clips;
using Streams.Schemas.Frames;

namespace Streams.Benchmarks.Captioning;

/// <summary>What is to be measured.</summary>
internal sealed record CaptioningSettings(TextWriter Output, IReadOnlyList<string> Sections)
{
    /// <summary>Clips of <c>memory</c>; <c>batch</c> takes a tenth, <c>gate</c> a third.</summary>
    public int Clips { get; init; } = 1000;

    /// <summary>Seconds of <c>cameras</c>.</summary>
    public int Seconds { get; init; } = 20;

    /// <summary>Seed of the rendered clips.</summary>
    public ulong Seed { get; init; } = 4711;

    /// <summary>Folder of the videos of <c>gate</c>.</summary>
    public string Video { get; init; } = SharedVideo();

    /// <summary>The one shape of <c>gpu</c> to measure, 256M or 500M; null for both.</summary>
    public string? Shape { get; init; }

    /// <summary>Figures that are worse than promised.</summary>
    public int BrokenPromises { get; private set; }

    public void Say(FormattableString line) => Output.WriteLine($"  {line.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Prints a figure with what was promised of it.</summary>
    public void Promise(bool kept, FormattableString figure, string promise)
    {
        BrokenPromises += kept ? 0 : 1;
        Output.WriteLine($"{(kept ? "  " : "! ")}{figure.ToString(CultureInfo.InvariantCulture)} ({promise}: {(kept ? "kept" : "BROKEN")})");
    }

    public List<RgbFrame> Clip(int index)
    {
        var scene = ClipScenes.Create(Seed, index);
        return [.. Enumerable.Range(0, ClipScene.Ticks).Select(tick => SceneRenderer.RenderFrame(scene, tick, 48))];
    }

    public static bool TryRead(IReadOnlyList<string> arguments, IReadOnlyList<string> sections, TextWriter output, out CaptioningSettings settings)
    {
        var named = arguments.Count > 0 && !arguments[0].StartsWith("--", StringComparison.Ordinal) ? arguments[0].Split(',') : sections;
        settings = new CaptioningSettings(output, [.. named]);
        if (named.Except(sections).Any())
        {
            return false;
        }

        for (var at = ReferenceEquals(named, sections) ? 0 : 1; at < arguments.Count; at += 2)
        {
            var value = at + 1 < arguments.Count ? arguments[at + 1] : "";
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            settings = arguments[at] switch
            {
                "--clips" when number >= 30 => settings with { Clips = number },
                "--seconds" when number >= 1 => settings with { Seconds = number },
                "--seed" when number >= 0 => settings with { Seed = (ulong)number },
                "--shape" when value is "256M" or "500M" => settings with { Shape = value },
                "--video" when Directory.Exists(value) => settings with { Video = value },
                _ => null!,
            };
            if (settings is null)
            {
                return false;
            }
        }

        return true;
    }

    private static string SharedVideo([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "shared", "data", "video"));
}
