namespace Streams.Grains;

/// <summary>The stored state is of a version that this build cannot read. It is left as it is; the message says what to do.</summary>
[GenerateSerializer]
public sealed class StateUnreadableException : Exception
{
    /// <summary>For the serializer.</summary>
    public StateUnreadableException()
    {
    }

    /// <summary>With the processor's own words.</summary>
    public StateUnreadableException(string message)
        : base(message)
    {
    }
}
