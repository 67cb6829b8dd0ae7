using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>One result in a run's live log.</summary>
/// <param name="Sequence">Its place in the log, from 1, without gaps.</param>
/// <param name="Result">The result.</param>
/// <param name="Json">The same as stored.</param>
internal sealed record LiveEntry(long Sequence, ResultRecord Result, byte[] Json);
