namespace Streams.Processors.Captioning.Serving;

/// <summary>
/// When encoded clips join the slots of a model, and when a step is taken. A GPU takes nearly as long for a step of few sequences as for one of many, and its
/// encoder waits meanwhile: there steps wait while enough clips are on their way to free slots, and clips join in groups, which fill a prefill. Both waits are
/// bounded. On a CPU the two threads have cores of their own: no step waits, and clips join in small groups while others are being continued; where prompts are
/// short, a group ahead of the slots that will fall free, so that none stands empty. Guarded by the batcher's lock.
/// </summary>
/// <param name="slots">Slots of the model.</param>
/// <param name="waits">Steps wait for the encoder.</param>
/// <param name="ahead">A group may be prefilled that has no slots yet.</param>
internal sealed class JoinPolicy(int slots, bool waits, bool ahead)
{
    /// <summary>Passes of the encoder that a step waits for at most: those that bring nothing to a slot must not hold up who is in one.</summary>
    public const int MostPasses = 8;

    /// <summary>Steps that an encoded clip waits at most for others to join with.</summary>
    public const int MostSteps = 16;

    private const int MostTogether = 16; // a larger prefill is no faster a clip
    private const int FewTogether = 4; // on a CPU, where a prefill of more is no faster a clip
    private const int FewAtLeast = 8;
    private int _passes;
    private int _steps;

    /// <summary>Clips that join together where there are so many.</summary>
    public int Group { get; } = waits ? Math.Clamp(slots / 8, 1, MostTogether) : Math.Clamp(slots / 2, 1, FewTogether);

    /// <summary>The encoder is through with a pass.</summary>
    public void Passed() => _passes++;

    /// <summary>How many clips join now.</summary>
    /// <param name="active">Clips that are prefilled.</param>
    /// <param name="ready">Clips that are encoded.</param>
    /// <param name="coming">Clips that wait for the encoder or are in it.</param>
    public int Joining(int active, int ready, int coming)
    {
        var joining = Math.Min(slots + (ahead ? Group : 0) - active, ready);
        var idle = !waits && active == 0;
        if (joining == 0 || !(idle || joining >= Group || ready + coming < Group || _passes >= MostPasses || _steps >= MostSteps))
        {
            return 0;
        }

        (_passes, _steps) = (0, 0);
        return joining;
    }

    /// <summary>Whether a step is taken now, once those have joined who do.</summary>
    /// <param name="active">Slots that are taken.</param>
    /// <param name="ready">Clips that are encoded and have no slot.</param>
    /// <param name="coming">Clips that wait for the encoder or are in it.</param>
    public bool Steps(int active, int ready, int coming)
    {
        // For a few clips that come now and then nobody waits: the answers of all others would come later, and slots are free in any case.
        var free = slots - active;
        var filling = free >= Group && coming > 0 && ready + coming >= Math.Min(free, Math.Max(Group, FewAtLeast));
        if (active == 0 || (waits && filling && _passes < MostPasses))
        {
            return false;
        }

        _passes = 0;
        _steps = ready > 0 ? _steps + 1 : 0;
        return true;
    }
}
