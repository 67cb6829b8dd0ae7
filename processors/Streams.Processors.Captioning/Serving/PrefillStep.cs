using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using TorchSharp;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// The prefill of <paramref name="size"/> prompts of <paramref name="length"/> tokens, recorded for a GPU at its first run and replayed ever after. Belongs to one
/// thread.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="size">Prompts.</param>
/// <param name="length">Tokens of each.</param>
/// <param name="likeliest">Rows (N, D) to what <see cref="DecodeStep.Likeliest"/> gives.</param>
internal sealed class PrefillStep(ServedModel model, int size, int length, Func<Tensor, Tensor> likeliest) : IDisposable
{
    private readonly Tensor _embeddings = zeros([size, length, model.Text.HiddenSize], model.Type, model.Device).DetachFromDisposeScope();
    private readonly Tensor _last = zeros([size], ScalarType.Int64, model.Device).DetachFromDisposeScope();
    private CudaGraph? _graph;
    private KeyValueCache? _prompt;
    private Tensor? _likeliest;

    /// <summary>Keys and values of the prompts, until the next run, and the likeliest token after the last one of each.</summary>
    /// <param name="embeddings">(size, length, D).</param>
    /// <param name="last">Places (size) of the last tokens, counted through all prompts.</param>
    public (KeyValueCache Prompt, Tensor Likeliest) Run(Tensor embeddings, Tensor last)
    {
        _embeddings.copy_(embeddings);
        _last.copy_(last);
        _graph ??= CudaGraph.Record(model.Device, () =>
        {
            using var scope = NewDisposeScope();
            _prompt?.Dispose();
            _likeliest?.Dispose();
            (_prompt, _likeliest) = Compute(model, _embeddings, _last, likeliest);
            _prompt.DetachFromDisposeScope();
            _likeliest.DetachFromDisposeScope();
        });
        _graph.Replay();
        return (_prompt!, _likeliest!);
    }

    /// <summary>The same without a record.</summary>
    public static (KeyValueCache Prompt, Tensor Likeliest) Compute(ServedModel model, Tensor embeddings, Tensor last, Func<Tensor, Tensor> likeliest)
    {
        var prompt = new KeyValueCache(model.Text, embeddings.size(0), (int)embeddings.size(1), model.Device, model.Type);
        return (prompt, likeliest(Hidden(model, embeddings, last, prompt)));
    }

    /// <summary>Normalised output (size, D) of the last token of each prompt.</summary>
    public static Tensor Hidden(ServedModel model, Tensor embeddings, Tensor last, KeyValueCache prompt) =>
        model.Device.type == DeviceType.CPU && model.PromptMultiple is null // nothing stands behind the last
            ? model.Model.Language.Prefill(embeddings, prompt)
            : model.Model.Language.Hidden(embeddings, prompt).flatten(0, 1).index_select(0, last);

    public void Dispose()
    {
        _graph?.Dispose();
        _prompt?.Dispose();
        _likeliest?.Dispose();
        _embeddings.Dispose();
        _last.Dispose();
    }
}
