using Streams.Processors.Captioning.Decoder;
using Streams.Processors.Captioning.Prompting;
using static TorchSharp.torch;

namespace Streams.Processors.Captioning.Pipeline;

/// <summary>
/// A published checkpoint that watches a video without end and says what happens, piece by piece, knowing what it saw and said before: the first tokens and the
/// latest ones stay in its cache, whose size never changes (StreamingLLM, arXiv 2309.17453; StreamingVLM, arXiv 2510.09608). One call at a time.
/// </summary>
/// <remarks>
/// For whoever watches. The pipeline captions each clip by itself: what such a cache has seen cannot be had again after a crash without watching it all again, and
/// a replay must give the same captions.
/// </remarks>
public sealed class VideoCommentary : IDisposable
{
    private readonly CheckpointCaptioner _captioner;
    private readonly VideoCommentaryOptions _options;
    private readonly SinkWindowCache _cache;
    private readonly int _end;

    /// <summary>Begins. The captioner stays the caller's.</summary>
    /// <exception cref="PromptTooLongException">Sinks and window are more than the model's context.</exception>
    public VideoCommentary(CheckpointCaptioner captioner, VideoCommentaryOptions options)
    {
        (_captioner, _options) = (captioner, options);
        var session = captioner.Session;
        _end = session.Config.EndTokenIds[0];
        _cache = new SinkWindowCache(session.Config.Text, options.SinkTokens, options.WindowTokens, session.Device, session.Type);
    }

    /// <summary>Tokens seen and said so far.</summary>
    public long TokensSeen => _cache.Seen;

    /// <summary>Tokens remembered.</summary>
    public int TokensHeld => _cache.Length;

    /// <summary>Bytes of their keys and values; from the first piece to the last the same.</summary>
    public long CacheBytes => _cache.Bytes;

    /// <summary>Says what happens in the next piece.</summary>
    /// <param name="piece">Its frames with their times, in seconds of the video.</param>
    /// <param name="cancellation">Gives up between tokens; the commentary cannot be gone on with then.</param>
    /// <exception cref="ArgumentException">The piece alone is more than the window.</exception>
    public CheckpointAnswer Continue(VideoContent piece, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var guard = inference_mode();
        var (session, language) = (_captioner.Session, _captioner.Session.Model.Language);
        var (ids, tiles) = session.TokenizeTurn(new ChatMessage(ChatMessage.User, [piece, new TextContent(_options.Prompt)]), _cache.Seen == 0);
        if (ids.Count > _options.WindowTokens)
        {
            throw new ArgumentException($"a piece of {piece.Frames.Count} frames takes {ids.Count} tokens, more than the window of {_options.WindowTokens}; give fewer frames, or a larger window", nameof(piece));
        }

        var input = session.Embed(ids, tiles, cancellation);
        var said = new List<(int Id, double LogProbability)>();
        while (true)
        {
            using var step = NewDisposeScope();
            var hidden = language.Stream(input, _cache);
            if (said.Count > 0 && IsEnd(said[^1].Id))
            {
                break; // the end has been heard too: the next turn follows it
            }

            cancellation.ThrowIfCancellationRequested();
            var (best, tokens) = language.Logits(hidden.select(1, hidden.size(1) - 1)).to(ScalarType.Float32).log_softmax(-1).max(-1);
            said.Add(((int)tokens.item<long>(), best.item<float>()));
            if (said.Count == _options.MaxNewTokens && !IsEnd(said[^1].Id))
            {
                // Cut off. What follows must find an end all the same.
                Hear(said[^1].Id, _end);
                break;
            }

            input = language.Embed(tensor(new long[] { said[^1].Id }, device: session.Device).unsqueeze(0)).MoveToOuterDisposeScope();
        }

        return _captioner.ToAnswer([.. said]);

        void Hear(params int[] heard) =>
            language.Stream(language.Embed(tensor([.. heard.Select(id => (long)id)], device: session.Device).unsqueeze(0)), _cache);
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private bool IsEnd(int id) => _captioner.Session.Config.EndTokenIds.Contains(id);
}
