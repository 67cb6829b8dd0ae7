using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Cpu;

/// <summary>
/// 3x3 convolutions of stride 2, one after another with SiLU between them, image by image, so that what lies between two of them stays in the cache. For so few
/// channels oneDNN takes more than twice as long.
/// </summary>
internal static unsafe class StridedConvolutions
{
    private const int Side = 3; // of a kernel

    /// <summary>Features (B, C, rows, columns), channels last in memory, of images (B, channels, H, W); null where it is not made for them.</summary>
    /// <param name="images">Images.</param>
    /// <param name="kernels">Weights (outputs, inputs, 3, 3) and biases of each, at padding 1.</param>
    public static Tensor? TryApply(Tensor images, IReadOnlyList<(Tensor Weight, Tensor Bias)> kernels)
    {
        if (!CpuKernels.Take(images) || !images.is_contiguous() || !kernels.All(kernel => CpuKernels.TakeWeights(kernel.Weight)))
        {
            return null;
        }

        var stages = new Stage[kernels.Count];
        var (rows, columns) = ((int)images.size(2), (int)images.size(3));
        for (var i = 0; i < stages.Length; i++)
        {
            stages[i] = new Stage(rows, columns, (int)kernels[i].Weight.size(1), (int)kernels[i].Weight.size(0));
            (rows, columns) = (stages[i].Rows, stages[i].Columns);
        }

        if (columns < PatchProducts.AtLeast)
        {
            return null;
        }

        var features = empty(images.size(0), rows, columns, stages[^1].Outputs);
        var memory = Scratch.Take(stages.Sum(stage => stage.PackedSize + stage.InputSize));
        var packed = memory;
        foreach (var (stage, (weight, bias)) in stages.Zip(kernels))
        {
            // Inputs of a pixel lie together, as they do in the image.
            using var ordered = weight.permute(0, 2, 3, 1).contiguous();
            PatchProducts.Pack((float*)DeviceTensors.AddressOf(ordered), (float*)DeviceTensors.AddressOf(bias), stage.Inputs, stage.Outputs, packed);
            packed += stage.PackedSize;
        }

        new Span<float>(packed, stages.Sum(stage => stage.InputSize)).Clear(); // above all the margins
        var image = (float*)DeviceTensors.AddressOf(images);
        var result = (float*)DeviceTensors.AddressOf(features);
        for (var i = 0L; i < images.size(0); i++, image += images.stride(0), result += features.stride(0))
        {
            Apply(stages, image, memory, packed, result);
        }

        // Their memory was read to here, whatever else still knows them.
        GC.KeepAlive(images);
        GC.KeepAlive(kernels);
        return features.permute(0, 3, 1, 2);
    }

    private static void Apply(Stage[] stages, float* image, float* packed, float* input, float* result)
    {
        Interleave(image, stages[0], input);
        for (var i = 0; i < stages.Length; i++)
        {
            var stage = stages[i];
            var next = input + stage.InputSize;
            var isLast = i == stages.Length - 1;
            for (var row = 0; row < stage.Rows; row++)
            {
                var from = input + (2 * row * stage.Line);
                var to = isLast ? result + (row * stage.Columns * stage.Outputs) : next + stages[i + 1].At(row, 0);
                PatchProducts.Multiply(new Patches(2 * stage.Channels, Side, Side * stage.Channels, stage.Line), from, stage.Columns, packed, stage.Outputs, to, stage.Outputs);
            }

            if (!isLast)
            {
                CpuActivations.Apply<CpuActivations.Silu>(next, stages[i + 1].InputSize); // leaves the margins 0
            }

            packed += stage.PackedSize;
            input = next;
        }
    }

    // Planes to pixels.
    private static void Interleave(float* planes, Stage stage, float* to)
    {
        for (var channel = 0; channel < stage.Channels; channel++)
        {
            for (var row = 0; row < stage.InputRows; row++, planes += stage.InputColumns)
            {
                var pixels = to + stage.At(row, 0) + channel;
                for (var column = 0; column < stage.InputColumns; column++)
                {
                    pixels[column * stage.Channels] = planes[column];
                }
            }
        }
    }

    // One convolution. Its input has a margin of one pixel.
    private sealed class Stage(int inputRows, int inputColumns, int channels, int outputs)
    {
        public int InputRows => inputRows;

        public int InputColumns => inputColumns;

        public int Channels => channels;

        public int Outputs => outputs;

        public int Rows { get; } = (inputRows + 1) / 2;

        public int Columns { get; } = (inputColumns + 1) / 2;

        public int Inputs { get; } = Side * Side * channels;

        public int PackedSize { get; } = PatchProducts.PackedSize(Side * Side * channels, outputs);

        /// <summary>Numbers of a line of its input.</summary>
        public int Line { get; } = (inputColumns + 2) * channels;

        public int InputSize { get; } = (inputRows + 2) * (inputColumns + 2) * channels;

        /// <summary>Where a pixel of its input lies.</summary>
        public int At(int row, int column) => ((row + 1) * Line) + ((column + 1) * channels);
    }
}
