namespace Streams.Ingest.Publishing;

/// <summary>What became of topics that should be there.</summary>
/// <param name="Created">Those that were missing and are there now.</param>
/// <param name="Refused">Those that this client may not create and does not see: they are missing, or it may not use them.</param>
public sealed record EnsuredTopics(IReadOnlyList<string> Created, IReadOnlyList<string> Refused);
