using Streams.Schemas.Results;

namespace Streams.Dashboard.Live;

/// <summary>A reader that has nothing to do until there is an entry that it wants. Its fields belong to the tail's gate.</summary>
internal sealed class LiveWait(Func<ResultRecord, bool> wanted)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when there is something to read.</summary>
    public Task Over => _over.Task;

    /// <summary>Its place among those that wait; -1 when it is not among them.</summary>
    public int Place { get; set; } = -1;

    /// <summary>The last entry that came and was not wanted.</summary>
    public LiveEntry? Passed { get; set; }

    public bool Wants(ResultRecord result) => wanted(result);

    public void End() => _over.TrySetResult();
}
