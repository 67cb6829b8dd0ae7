using System.Diagnostics;
using Streams.Processors.Captioning.Decoder;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Continues prompts by their likeliest tokens, many at a time: each has a slot of the cache, joins when one is free and leaves when it is done
/// (continuous batching, Orca, OSDI 2022). Belongs to one thread.
/// </summary>
internal sealed class SlotGenerator : IDisposable
{
    private readonly ServedModel _model;
    private readonly SlotCache _cache;
    private readonly BatchSizes _prefill;
    private readonly BatchSizes _decode;
    private readonly Sequence?[] _slots;

    /// <summary>Makes the slots and finds the batch sizes that are safe.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slots">Sequences at a time.</param>
    /// <param name="rows">Rows of the cache: more where a step wants more than there are slots.</param>
    public SlotGenerator(ServedModel model, int slots, int rows)
    {
        _model = model;
        _slots = new Sequence?[Math.Min(slots, rows)];
        _cache = new SlotCache(model.Text, rows, model.SlotTokens, model.Device, model.Type);
        _prefill = GenerationProbe.Prefill(model, slots);
        _decode = GenerationProbe.Decode(model, _cache);
    }

    /// <summary>What the batches look like, for people.</summary>
    public string Shapes => $"prefill {_prefill}, decode {_decode}";

    public int Slots => _slots.Length;

    /// <summary>Sequences being continued.</summary>
    public int Active { get; private set; }

    public long CacheBytes => _cache.Bytes;

    /// <summary>Takes encoded requests, as many as there are free slots at most, and finds the first token of each.</summary>
    public void Admit(IReadOnlyList<GenerationRequest> requests)
    {
        foreach (var alike in requests.Where(request => !request.IsGivenUp()).GroupBy(request => request.Ids.Count))
        {
            var waiting = alike.ToList();
            // A length that was not tried goes alone.
            var sizes = alike.Key == _model.PromptTokens ? _prefill : BatchSizes.OneByOne;
            foreach (var (first, items, size) in sizes.Plan(waiting.Count))
            {
                Prefill(waiting.GetRange(first, items), size);
            }
        }
    }

    /// <summary>One more token for every sequence.</summary>
    public void Step()
    {
        DropGivenUp();
        var used = Array.FindLastIndex(_slots, sequence => sequence is not null) + 1;
        foreach (var (first, _, size) in _decode.Plan(used))
        {
            if (_slots.Skip(first).Take(size).Any(sequence => sequence is not null))
            {
                Decode(first, size);
            }
        }
    }

    public void Dispose() => _cache.Dispose();

    private void DropGivenUp()
    {
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot]?.Request.IsGivenUp() == true)
            {
                Leave(slot);
            }
        }
    }

    private void Prefill(List<GenerationRequest> requests, int size)
    {
        using var scope = NewDisposeScope();
        var began = Stopwatch.GetTimestamp();
        KeyValueCache prompt;
        List<(int Id, double LogProbability)> tokens;
        try
        {
            var filled = Enumerable.Range(0, size).Select(i => requests[Math.Min(i, requests.Count - 1)]).ToList();
            var ids = tensor([.. filled.SelectMany(request => request.Ids)], device: _model.Device).view(size, -1);
            var visual = filled.Where(request => request.Visual is not null).Select(request => request.Visual!).ToList();
            var embeddings = visual.Count == 0 ? _model.Model.Language.Embed(ids) : _model.Model.Merge(ids, cat(visual, 0), _model.ImageTokenId);
            prompt = new KeyValueCache(_model.Text, size, (int)ids.shape[1], _model.Device, _model.Type);
            var hidden = _model.Model.Language.Hidden(embeddings, prompt);
            tokens = Choose(hidden.select(1, hidden.shape[1] - 1));
        }
        catch (Exception) when (requests.Count > 1)
        {
            requests.ForEach(request => Prefill([request], size));
            return;
        }
        catch (Exception e)
        {
            requests[0].Fail(e);
            return;
        }

        for (var i = 0; i < requests.Count; i++)
        {
            var slot = Array.IndexOf(_slots, null);
            _cache.Fill(slot, prompt, i);
            _slots[slot] = new Sequence(requests[i]);
            Active++;
            Take(slot, tokens[i]);
        }

        ServingMetrics.Prefilled(_model.Name, began, requests.Count * requests[0].Ids.Count);
    }

    private void Decode(int first, int size)
    {
        try
        {
            using var scope = NewDisposeScope();
            var began = Stopwatch.GetTimestamp();
            var sequences = Enumerable.Range(first, size).Select(slot => slot < _slots.Length ? _slots[slot] : null).ToList();
            // An empty slot goes through the motions with token 0 at its first place.
            var ids = tensor([.. sequences.Select(sequence => sequence is null ? 0L : sequence.Tokens[^1].Id)], device: _model.Device).unsqueeze(1);
            var positions = tensor([.. sequences.Select(sequence => sequence is null ? 0L : sequence.Position)], device: _model.Device);
            var hidden = _model.Model.Language.Step(_model.Model.Language.Embed(ids), _cache.Step(first, positions));
            var tokens = Choose(hidden.select(1, 0));
            for (var i = 0; i < size; i++)
            {
                if (sequences[i] is not null)
                {
                    Take(first + i, tokens[i]);
                }
            }

            ServingMetrics.Stepped(_model.Name, began, sequences.Count(sequence => sequence is not null), _slots.Length);
        }
        catch (Exception e)
        {
            // Such as no memory left on the device. Whoever was in the batch is told; the slots are free for the next.
            for (var slot = first; slot < Math.Min(first + size, _slots.Length); slot++)
            {
                if (_slots[slot] is { } sequence)
                {
                    Leave(slot);
                    sequence.Request.Fail(e);
                }
            }
        }
    }

    private void Take(int slot, (int Id, double LogProbability) token)
    {
        var sequence = _slots[slot]!;
        if (!double.IsFinite(token.LogProbability))
        {
            Leave(slot);
            _cache.Clear(slot);
            sequence.Request.Fail(new CaptionNotFiniteException(_model.Name));
            return;
        }

        sequence.Tokens.Add(token);
        if (sequence.Tokens.Count == sequence.Request.MaxNewTokens || _model.EndTokenIds.Contains(token.Id))
        {
            Leave(slot);
            sequence.Request.Complete(sequence.Tokens);
        }
    }

    private void Leave(int slot)
    {
        _slots[slot] = null;
        Active--;
    }

    // The likeliest token of each row (N, D). The head is a product with as many rows as there are sequences: it, too, keeps to the sizes that hold.
    private List<(int Id, double LogProbability)> Choose(Tensor rows)
    {
        var chosen = new List<(int, double)>();
        foreach (var (first, items, size) in _decode.Plan((int)rows.shape[0]))
        {
            var part = rows.narrow(0, first, items);
            part = items < size ? cat([part, part.narrow(0, 0, 1).expand(size - items, -1)], 0) : part;
            var (best, ids) = _model.Model.Language.Logits(part.contiguous()).to(ScalarType.Float32).log_softmax(-1).max(-1);
            var (probabilities, tokens) = (best.cpu().data<float>().ToArray(), ids.cpu().data<long>().ToArray());
            chosen.AddRange(Enumerable.Range(0, items).Select(i => ((int)tokens[i], (double)probabilities[i])));
        }

        return chosen;
    }

    private sealed class Sequence(GenerationRequest request)
    {
        public GenerationRequest Request { get; } = request;

        public List<(int Id, double LogProbability)> Tokens { get; } = [];

        /// <summary>Where the newest token goes.</summary>
        public long Position => Request.Ids.Count + Tokens.Count - 1;
    }
}
