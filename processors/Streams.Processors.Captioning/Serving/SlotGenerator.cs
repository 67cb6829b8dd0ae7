using System.Diagnostics;
using Streams.Processors.Captioning.Cuda;
using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Layers;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// Continues prompts by their likeliest tokens, many at a time: each has a slot of the cache, joins when one is free and leaves when it is done
/// (continuous batching, Orca, OSDI 2022). Belongs to one thread.
/// </summary>
internal sealed class SlotGenerator : IDisposable
{
    private const int MostRecordedTokens = 6144;
    private const int MostRecords = 8;
    private readonly ServedModel _model;
    private readonly SlotCache _cache;
    private readonly Dictionary<int, BatchSizes> _prefill = [];
    private readonly BatchSizes _decode;
    private readonly Dictionary<(int First, int Size), DecodeStep> _steps = [];
    private readonly Dictionary<(int Size, int Length), PrefillStep> _prefills = [];
    private readonly Sequence?[] _slots;
    private readonly Queue<Prefilled> _ahead = [];

    /// <summary>Makes the slots and finds the batch sizes that are safe.</summary>
    /// <param name="model">The model.</param>
    /// <param name="slots">Sequences at a time.</param>
    /// <param name="rows">Rows of the cache: more where a step wants more than there are slots.</param>
    public SlotGenerator(ServedModel model, int slots, int rows)
    {
        _model = model;
        _slots = new Sequence?[Math.Min(slots, rows)];
        _cache = new SlotCache(model.Text, rows, model.SlotTokens, model.Device, model.Type);
        _decode = GenerationProbe.Decode(model, _cache);
        if (model.PromptTokens is { } usual)
        {
            PrefillSizes(usual);
        }

        if (model.Graphs)
        {
            // Now, and not when the first captions wait for them. The slots are empty: nobody reads what this writes.
            foreach (var size in _decode.Sizes)
            {
                Step(0, size).Run(new long[size], new long[size]);
            }
        }
    }

    /// <summary>What the batches look like, for people.</summary>
    public string Shapes => $"prefill {string.Join(", ", _prefill.Select(entry => $"{entry.Key} tokens {entry.Value}"))}, decode {_decode}";

    public int Slots => _slots.Length;

    /// <summary>Sequences being continued, or prefilled and about to be.</summary>
    public int Active { get; private set; }

    public long CacheBytes => _cache.Bytes;

    /// <summary>Takes encoded requests and finds the first token of each. Those for whom there is no slot get one when it falls free.</summary>
    public void Admit(IReadOnlyList<GenerationRequest> requests)
    {
        FillSlots();
        foreach (var alike in requests.Where(request => !request.IsGivenUp()).GroupBy(request => FilledLength(request.Ids.Count)))
        {
            var waiting = alike.ToList();
            foreach (var (first, items, size) in PrefillSizes(alike.Key).Plan(waiting.Count, sparing: !_model.LikesLargeBatches))
            {
                Prefill(waiting.GetRange(first, items), size, alike.Key);
            }
        }
    }

    /// <summary>One more token for every sequence.</summary>
    public void Step()
    {
        DropGivenUp();
        FillSlots();
        var used = Array.FindLastIndex(_slots, sequence => sequence is not null) + 1;
        foreach (var (first, _, size) in _decode.Plan(used))
        {
            if (_slots.Skip(first).Take(size).Any(sequence => sequence is not null))
            {
                Decode(first, size);
            }
        }
    }

    public void Dispose()
    {
        _steps.Values.ToList().ForEach(step => step.Dispose());
        _prefills.Values.ToList().ForEach(prefill => prefill.Dispose());
        _ahead.ToList().ForEach(waiting => waiting.Prompts.Release());
        _cache.Dispose();
    }

    private int FilledLength(int tokens) =>
        _model.PromptMultiple is { } multiple ? Math.Min((tokens + multiple - 1) / multiple * multiple, _model.SlotTokens) : tokens;

    // Tried when a length comes for the first time; where all lengths differ, each goes alone.
    private BatchSizes PrefillSizes(int length)
    {
        if (_model.PromptMultiple is null && length != _model.PromptTokens)
        {
            return BatchSizes.OneByOne;
        }

        return _prefill.TryGetValue(length, out var sizes) ? sizes : _prefill[length] = GenerationProbe.Prefill(_model, _slots.Length, length);
    }

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

    // Those that were prefilled first come first.
    private void FillSlots()
    {
        for (var slot = 0; slot < _slots.Length && _ahead.Count > 0; slot++)
        {
            while (_slots[slot] is null && _ahead.TryDequeue(out var next))
            {
                if (next.Sequence.Request.IsGivenUp())
                {
                    Active--;
                }
                else
                {
                    _slots[slot] = next.Sequence;
                    _cache.Fill([slot], next.Prompts.Cache, [next.Row]);
                }

                next.Prompts.Release();
            }
        }
    }

    private void Prefill(List<GenerationRequest> requests, int size, int length)
    {
        using var scope = NewDisposeScope();
        var began = Stopwatch.GetTimestamp();
        var free = Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot] is null).Take(requests.Count).ToList();
        IReadOnlyList<(int Id, double LogProbability)> tokens;
        Prompts? ahead;
        try
        {
            var filled = Enumerable.Range(0, size).Select(i => requests[Math.Min(i, requests.Count - 1)]).ToList();
            // What a prompt is filled up with comes after its last token, which sees nothing of it.
            var last = DeviceTensors.Send([.. filled.Select((request, i) => (i * (long)length) + request.Ids.Count - 1)], _model.Device);
            var (prompt, likeliest) = Prefill(Embed(filled, length), last);
            _cache.Fill(free, prompt, [.. Enumerable.Range(0, free.Count)]); // sent before the host waits
            tokens = DecodeStep.Read(likeliest);
            ahead = free.Count < requests.Count ? new Prompts(prompt.DetachFromDisposeScope(), requests.Count - free.Count) : null;
        }
        catch (Exception) when (requests.Count > 1)
        {
            requests.ForEach(request => Prefill([request], size, length));
            return;
        }
        catch (Exception e)
        {
            requests[0].Fail(e);
            return;
        }

        for (var i = 0; i < requests.Count; i++)
        {
            var sequence = new Sequence(requests[i]);
            Active++;
            if (i < free.Count)
            {
                _slots[free[i]] = sequence;
                Take(free[i], tokens[i]);
            }
            else if (sequence.Add(tokens[i], _model))
            {
                Active--;
                ahead!.Release();
                sequence.Finish(_model);
            }
            else
            {
                _ahead.Enqueue(new Prefilled(sequence, ahead!, i));
            }
        }

        ServingMetrics.Prefilled(_model.Name, began, requests.Count * requests[0].Ids.Count);
    }

    private (KeyValueCache Prompt, Tensor Likeliest) Prefill(Tensor embeddings, Tensor last)
    {
        var (size, length) = ((int)embeddings.size(0), (int)embeddings.size(1));
        if (!_prefills.TryGetValue((size, length), out var recorded))
        {
            // A record keeps its memory; and a long prefill takes longer to run than to send.
            if (!_model.Graphs || !CudaGraph.IsSupported || size * length > MostRecordedTokens || _prefills.Count >= MostRecords)
            {
                return PrefillStep.Compute(_model, embeddings, last, Likeliest);
            }

            _prefills[(size, length)] = recorded = new PrefillStep(_model, size, length, Likeliest);
        }

        return recorded.Run(embeddings, last);
    }

    // (B, length, D), behind its end filled up with token 0.
    private Tensor Embed(List<GenerationRequest> requests, int length)
    {
        var ids = new long[requests.Count * length];
        var places = new List<long>();
        foreach (var (request, row) in requests.Select((request, row) => (request, row)))
        {
            for (var i = 0; i < request.Ids.Count; i++)
            {
                ids[(row * length) + i] = request.Ids[i];
                if (request.Ids[i] == _model.ImageTokenId)
                {
                    places.Add((row * length) + i);
                }
            }
        }

        var prompts = DeviceTensors.Send(ids, _model.Device).view(requests.Count, length);
        requests.ForEach(request => request.VisualReady?.Wait(_model.Device));
        var visual = requests.Where(request => request.Visual is not null).Select(request => request.Visual!).ToList();
        return visual.Count == 0
            ? _model.Model.Language.Embed(prompts)
            : _model.Model.Merge(prompts, DeviceTensors.Send([.. places], _model.Device), cat(visual, 0));
    }

    private DecodeStep Step(int first, int size) =>
        _steps.TryGetValue((first, size), out var step) ? step : _steps[(first, size)] = new DecodeStep(_model, _cache, first, size);

    private void Decode(int first, int size)
    {
        try
        {
            var began = Stopwatch.GetTimestamp();
            var sequences = Enumerable.Range(first, size).Select(slot => slot < _slots.Length ? _slots[slot] : null).ToList();
            // An empty slot goes through the motions with token 0 at its first place.
            long[] ids = [.. sequences.Select(sequence => sequence is null ? 0L : sequence.Tokens[^1].Id)];
            long[] positions = [.. sequences.Select(sequence => sequence is null ? 0L : sequence.Position)];
            var tokens = Step(first, size).Run(ids, positions);
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
        if (sequence.Add(token, _model))
        {
            Leave(slot);
            if (!sequence.IsFinite)
            {
                _cache.Clear(slot);
            }

            sequence.Finish(_model);
        }
    }

    private void Leave(int slot)
    {
        _slots[slot] = null;
        Active--;
    }

    // The likeliest token of each row (N, D): (2, N). The head is a product with as many rows as there are sequences: it, too, keeps to the sizes that hold.
    private Tensor Likeliest(Tensor rows) => cat([.. _decode.Plan((int)rows.size(0)).Select(batch =>
    {
        var part = rows.narrow(0, batch.First, batch.Items);
        part = batch.Items < batch.Size ? cat([part, part.narrow(0, 0, 1).expand(batch.Size - batch.Items, -1)], 0) : part;
        return DecodeStep.Likeliest(_model, part.contiguous()).narrow(1, 0, batch.Items);
    })], 1);

    private sealed class Sequence(GenerationRequest request)
    {
        public GenerationRequest Request { get; } = request;

        public List<(int Id, double LogProbability)> Tokens { get; } = [];

        /// <summary>Where the newest token goes.</summary>
        public long Position => Request.Ids.Count + Tokens.Count - 1;

        public bool IsFinite => double.IsFinite(Tokens[^1].LogProbability);

        /// <summary>Takes a token; whether it is the last.</summary>
        public bool Add((int Id, double LogProbability) token, ServedModel model)
        {
            Tokens.Add(token);
            return !IsFinite || Tokens.Count == Request.MaxNewTokens || model.EndTokenIds.Contains(token.Id);
        }

        /// <summary>Tells who asked.</summary>
        public void Finish(ServedModel model)
        {
            if (IsFinite)
            {
                Request.Complete(Tokens);
            }
            else
            {
                Request.Fail(new CaptionNotFiniteException(model.Name));
            }
        }
    }

    // A sequence that waits for a slot: a row of prompts that were prefilled together.
    private sealed record Prefilled(Sequence Sequence, Prompts Prompts, int Row);

    // Keys and values that go with the last of those who need them.
    private sealed class Prompts(KeyValueCache cache, int rows)
    {
        public KeyValueCache Cache => cache;

        public void Release()
        {
            if (--rows == 0)
            {
                cache.Dispose();
            }
        }
    }
}
