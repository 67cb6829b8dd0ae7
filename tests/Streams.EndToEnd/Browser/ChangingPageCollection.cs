namespace Streams.EndToEnd.Browser;

/// <summary>Tests that would disturb each other: one promotes what the other follows.</summary>
[CollectionDefinition(Name)]
public sealed class ChangingPageCollection
{
    public const string Name = "changing page";
}
