namespace Streams.Grains;

/// <summary>
/// The store was restarted or failed over since the caller acquired its partition, and may lack the writes acknowledged last. The caller must
/// acquire the partition again and read from the cursor that the store still has.
/// </summary>
[GenerateSerializer]
public sealed class StoreRolledBackException : OrleansException
{
    /// <summary>For the serializer.</summary>
    public StoreRolledBackException()
    {
    }

    /// <summary>Says which partition.</summary>
    public StoreRolledBackException(string message)
        : base(message)
    {
    }
}
