using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Connectors;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Tokenization;
using Streams.Processors.Captioning.Vision;

namespace Streams.Processors.Captioning.Training;

/// <summary>The sizes of the shipped model: MM1's parts, under a million parameters.</summary>
internal static class TinyModel
{
    private const string Padding = "<pad>";
    private const string Bos = "<bos>";
    private const string Eos = "<eos>";
    private const string Frame = "<frame>";
    private const string Image = "<image>";

    public static WordTokenizer CreateTokenizer() => new([Padding, Bos, Eos, Frame, Image, WordTokenizer.UnknownWord], CaptionGrammar.Words);

    public static CaptionerConfig CreateConfig(WordTokenizer tokenizer, string version)
    {
        var vision = new VisionConfig
        {
            HiddenSize = 80,
            IntermediateSize = 320,
            NumHiddenLayers = 2,
            NumAttentionHeads = 4,
            ImageSize = 48,
            PatchSize = 8,
            StemChannels = [16, 40],
            HiddenAct = "gelu_pytorch_tanh",
            UseClassToken = false,
            NormalizePatches = true,
        };
        var text = new TextConfig
        {
            HiddenSize = 96,
            IntermediateSize = 256,
            NumHiddenLayers = 3,
            NumAttentionHeads = 4,
            NumKeyValueHeads = 4,
            HeadDim = 24,
            VocabSize = tokenizer.Count,
            MaxPositionEmbeddings = 128,
            TieWordEmbeddings = true,
        };
        return new CaptionerConfig
        {
            Name = "streams-mm1-tiny",
            Version = version,
            VisionConfig = vision,
            TextConfig = text,
            ConnectorConfig = new ConnectorConfig
            {
                Depth = 1,
                MlpDepth = 2,
                HiddenSize = 80,
                EncoderHiddenSize = vision.HiddenSize,
                OutputHiddenSize = text.HiddenSize,
                NumQueryTokens = 9,
                NumInputTokens = vision.GridSize * vision.GridSize,
            },
            ImageMean = [0.5f, 0.5f, 0.5f],
            ImageStd = [0.5f, 0.5f, 0.5f],
            FramesPerClip = ClipScene.Ticks,
            ImageTokenId = tokenizer.Id(Image),
            FrameTokenId = tokenizer.Id(Frame),
            BosTokenId = tokenizer.Id(Bos),
            EosTokenId = tokenizer.Id(Eos),
            MaxNewTokens = 32,
        };
    }
}
