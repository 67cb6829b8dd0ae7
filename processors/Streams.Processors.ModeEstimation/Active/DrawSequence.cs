namespace Streams.Processors.ModeEstimation.Active;

/// <summary>
/// Draw n of a task: a sample number from 0 to pool - 1, uniform, independent of the other draws, with replacement; a function of
/// the task's name and n alone, so that a replay asks the same. With replacement, because then the labels of the draws are
/// independent draws from the pool's own distribution, which is what the stopping rule's guarantee is about, whatever the pool's order.
/// </summary>
internal readonly struct DrawSequence(string task, int pool)
{
    private readonly ulong _seed = Hashing.Text(task);
    private readonly ulong _pool = (ulong)pool;

    public int this[long n]
    {
        get
        {
            // Multiply-and-shift, with the few values rejected that would make some samples likelier than others (Lemire 2019).
            var rejectBelow = (0 - _pool) % _pool;
            var word = Hashing.Mix(_seed ^ Hashing.Mix((ulong)n));
            while (true)
            {
                var high = Math.BigMul(word, _pool, out var low);
                if (low >= rejectBelow)
                {
                    return (int)high;
                }

                word = Hashing.Mix(word);
            }
        }
    }
}
