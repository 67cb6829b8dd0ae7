namespace Streams.Processors.Captioning.Prompting;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <see cref="User"/>, <see cref="Assistant"/> or <see cref="System"/>.</param>
/// <param name="Contents">What is said and shown, in order.</param>
public sealed record ChatMessage(string Role, IReadOnlyList<ChatContent> Contents)
{
    /// <summary>Role of who asks.</summary>
    public const string User = "user";

    /// <summary>Role of the model.</summary>
    public const string Assistant = "assistant";

    /// <summary>Role of the standing instructions.</summary>
    public const string System = "system";
}
