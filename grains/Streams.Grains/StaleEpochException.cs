namespace Streams.Grains;

/// <summary>
/// The caller was the owner of a partition once and is no longer: another pump has raised the epoch. It must stop and write nothing.
/// </summary>
[GenerateSerializer]
public sealed class StaleEpochException : OrleansException
{
    /// <summary>For the serializer.</summary>
    public StaleEpochException()
    {
    }

    /// <summary>Says which epoch came and which is in force.</summary>
    public StaleEpochException(string partition, long given, long current)
        : base($"{partition}: epoch {given} is over, {current} is in force; another host owns this partition now")
    {
    }

    /// <summary>With the words of whoever noticed.</summary>
    public StaleEpochException(string message)
        : base(message)
    {
    }
}
