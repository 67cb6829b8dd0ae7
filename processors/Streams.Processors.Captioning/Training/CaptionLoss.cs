using Streams.Processors.Captioning.Checkpoints;
using Streams.Processors.Captioning.Clips;
using Streams.Processors.Captioning.Evaluation;
using Streams.Processors.Captioning.Families;
using Streams.Processors.Captioning.Layers;
using Streams.Processors.Captioning.Pipeline;
using Streams.Processors.Captioning.Tokenization;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Streams.Processors.Captioning.Training;

/// <summary>
/// Cross-entropy of the true captions, each word given the pictures and the words before it, among the words that training can show at its place: that it leaves
/// blue crosses out must not teach that what is blue is no cross (logit adjustment by the prior of the labels, Menon et al., ICLR 2021, where that prior is 0).
/// </summary>
internal sealed class CaptionLoss(VisionLanguageModel model, CaptionerConfig config, WordTokenizer tokenizer, ClipTensors tensors)
{
    private const long Ignored = -100;

    /// <summary>Added to the score of what is not to be counted among the possible.</summary>
    internal const float Barred = -1e4f;

    // Of the words that the decoder is given, so many are hidden: it must look for the shape of a green thing, not remember which shapes were green.
    private const double HiddenWords = 0.2;

    /// <summary>The loss, and the decoder's state at the token that begins the caption; <paramref name="random"/> chooses the hidden words.</summary>
    public (Tensor Loss, Tensor State) Compute(Tensor features, int frames, IReadOnlyList<string> captions, SceneRandom random)
    {
        var hiddenWord = tokenizer.Id(WordTokenizer.UnknownWord);
        var prompt = tensors.Prompt(frames);
        var words = captions.Select(tokenizer.Encode).ToList();
        var longest = words.Max(caption => caption.Length);
        var length = prompt.Length + longest;
        var ids = new long[captions.Count * length];
        var targets = new long[captions.Count * (longest + 1)];
        var barred = new float[targets.Length * config.TextConfig.VocabSize];
        Array.Fill(targets, Ignored);
        for (var i = 0; i < words.Count; i++)
        {
            var caption = words[i];
            prompt.CopyTo(ids, i * length);
            foreach (var (place, word) in CaptionGrammar.LeftOut(captions[i]))
            {
                barred[(((i * (longest + 1)) + place) * config.TextConfig.VocabSize) + tokenizer.Id(word)] = Barred;
            }

            for (var word = 0; word < caption.Length; word++)
            {
                ids[(i * length) + prompt.Length + word] = random.Chance(HiddenWords) ? hiddenWord : caption[word];
                targets[(i * (longest + 1)) + word] = caption[word] == hiddenWord ? Ignored : caption[word];
            }

            targets[(i * (longest + 1)) + caption.Length] = config.EosTokenId;
        }

        var visual = model.Connector.forward(features);
        var embeddings = model.Merge(tensor(ids, device: tensors.Device).view(captions.Count, length), visual, config.ImageTokenId);
        var hidden = model.Language.Hidden(embeddings, null).narrow(1, prompt.Length - 1, longest + 1);
        var logits = model.Language.Logits(hidden).Plus(tensor(barred, device: tensors.Device).view(captions.Count, longest + 1, -1));
        var loss = functional.cross_entropy(logits.reshape(-1, logits.size(2)), tensor(targets, device: tensors.Device), ignore_index: Ignored);
        return (loss, hidden.select(1, 0));
    }
}
