namespace Streams.Benchmarks.Captioning;

/// <summary>What serving captions costs, as ratios within one run.</summary>
internal static class CaptioningCommand
{
    private static readonly (string Name, string What, Func<CaptioningSettings, Task> Run)[] Sections =
    [
        ("cache", "decoding with a key-value cache against recomputing everything for every token", Wrap(CacheSection.Run)),
        ("batch", "clips a second: 8 clips at a time against 1", BatchSection.RunAsync),
        ("products", "share of matrix products in the time of SmolVLM2 256M's shape", Wrap(ProductsSection.Run)),
        ("memory", "resident memory over 1,000 clips", MemorySection.RunAsync),
        ("cameras", "three cameras at 2 clips a second each, in real time", CamerasSection.RunAsync),
        ("gate", "what the scene gate saves on fixed cameras, and what it misses of known changes", GateSection.RunAsync),
        ("gpu", "SmolVLM2's shapes on an NVIDIA GPU, beside its ceilings; skipped where there is none", GpuSection.RunAsync),
    ];

    /// <returns>The exit code: 0; 1 when a figure breaks a promise; 2 when the command was not understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output)
    {
        if (!CaptioningSettings.TryRead(arguments, [.. Sections.Select(section => section.Name)], output, out var settings))
        {
            output.WriteLine("captioning [SECTION,…] [--clips N] [--seconds N] [--seed N] [--video FOLDER] [--shape 256M|500M]");
            foreach (var (name, what, _) in Sections)
            {
                output.WriteLine($"  {name,-12}{what}");
            }

            return 2;
        }

        foreach (var (name, what, run) in Sections.Where(section => settings.Sections.Contains(section.Name)))
        {
            output.WriteLine($"{name}: {what}");
            await run(settings);
        }

        output.WriteLine(settings.BrokenPromises == 0 ? "Every promise kept." : $"{settings.BrokenPromises} promises BROKEN, marked '!'.");
        return settings.BrokenPromises == 0 ? 0 : 1;
    }

    private static Func<CaptioningSettings, Task> Wrap(Action<CaptioningSettings> run) => settings =>
    {
        run(settings);
        return Task.CompletedTask;
    };
}
