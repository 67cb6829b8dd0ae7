namespace Streams.Schemas.Signals;

/// <summary>Width of the values on the wire.</summary>
public enum SignalPrecision
{
    /// <summary>32 bits: seven digits, half the bytes. Enough for any sensor.</summary>
    Single,

    /// <summary>64 bits.</summary>
    Double,
}
