namespace Streams.Processors.Captioning.Serving;

/// <summary>A request needs more of the key-value cache than there is.</summary>
public sealed class CacheBudgetException : Exception
{
    private CacheBudgetException(string message)
        : base(message)
    {
    }

    internal static CacheBudgetException Slot(string model, int tokens, long slotBytes, long budget) => new(
        $"{model}: a slot of {tokens} tokens takes {slotBytes} bytes of key-value cache, {budget} are left of Streams:Captioner:CacheBytes; "
        + "raise it, or lower Streams:Captioner:ContextTokens");

    internal static CacheBudgetException Request(string model, int tokens, int slotTokens) => new(
        $"{model}: prompt and answer take {tokens} tokens, a slot of the key-value cache holds {slotTokens}; "
        + "show fewer frames, or raise Streams:Captioner:ContextTokens");
}
