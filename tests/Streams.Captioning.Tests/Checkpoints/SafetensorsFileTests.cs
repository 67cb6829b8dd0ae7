using Streams.Processors.Captioning.Checkpoints;
using TorchSharp;

namespace Streams.Captioning.Tests.Checkpoints;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void Write_ThenRead_SameTensors()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.safetensors");
        var (matrix, scalar) = (torch.randn(3, 5), torch.tensor(2.5f));

        SafetensorsFile.Write(path, [("matrix", matrix), ("scalar", scalar)], new Dictionary<string, string> { ["format"] = "pt" });
        var read = SafetensorsFile.Read(path);

        Assert.Equal(["matrix", "scalar"], read.Keys);
        Assert.Equal(matrix.data<float>().ToArray(), read["matrix"].data<float>().ToArray());
        Assert.Equal([], read["scalar"].shape);
        Assert.Equal(2.5f, read["scalar"].item<float>());
    }

    [Theory]
    [InlineData(4, "cannot hold a header")]
    [InlineData(60, "cut off")]
    [InlineData(-3, "tensor a [3, 5] F32 needs 60 bytes, the file gives 57")]
    public void Read_FileCutOff_SaysWhere(int length, string expected)
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.safetensors");
        SafetensorsFile.Write(path, [("a", torch.zeros(3, 5))], new Dictionary<string, string>());
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, length < 0 ? bytes[..^-length] : bytes[..length]);

        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Read(path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(path, error.Path);
    }

    [Fact]
    public void Read_HeaderIsNotJson_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "a.safetensors");
        File.WriteAllBytes(path, [4, 0, 0, 0, 0, 0, 0, 0, .. "oops"u8]);

        Assert.Contains("not a safetensors header", Assert.Throws<CheckpointException>(() => SafetensorsFile.Read(path)).Message, StringComparison.Ordinal);
    }
}
