namespace Streams.Host.Pipeline;

/// <summary>
/// Where the end of a partition was, by time, as far back as its records are not done. Since records carry no time that is comparable between
/// producers, this tells how long the oldest of them waits. Not safe to use from several threads.
/// </summary>
internal sealed class PartitionEnds(int most)
{
    private readonly Queue<(long At, long End)> _looks = new();

    /// <summary>Notes that the end is at offset <paramref name="end"/>, and that all below <paramref name="next"/> is done.</summary>
    /// <param name="at">Timestamp; ascends from look to look.</param>
    /// <param name="end">One past the last record.</param>
    /// <param name="next">First offset that is not done.</param>
    public void Look(long at, long end, long next)
    {
        // Of the looks before which all is done, the newest stays: the first record that is not came after it.
        while (_looks.Count > 0 && (_looks.Count >= most || (_looks.Skip(1).FirstOrDefault((At: 0, End: long.MaxValue)).End <= next)))
        {
            _looks.Dequeue();
        }

        _looks.Enqueue((at, end));
    }

    /// <summary>The newest look at which the end was not beyond <paramref name="next"/>, or the oldest there is; null before any.</summary>
    public long? Since(long next) =>
        _looks.Count == 0 ? null
        : _looks.TakeWhile(look => look.End <= next).LastOrDefault(_looks.Peek()).At;
}
