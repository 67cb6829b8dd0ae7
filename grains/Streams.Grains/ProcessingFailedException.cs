namespace Streams.Grains;

/// <summary>A processor threw on records that it should have taken or refused. Nothing of the batch was applied.</summary>
[GenerateSerializer]
public sealed class ProcessingFailedException : Exception
{
    /// <summary>For the serializer.</summary>
    public ProcessingFailedException()
    {
    }

    /// <summary>Says what was thrown; the exception itself may be of a type that no other process knows.</summary>
    public ProcessingFailedException(string exceptionType, string message)
        : base(message) => ExceptionType = exceptionType;

    /// <summary>Name of the type that was thrown.</summary>
    [Id(0)]
    public string ExceptionType { get; private set; } = "";
}
