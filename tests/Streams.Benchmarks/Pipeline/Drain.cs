using Streams.Benchmarks.Pipeline.Roles;

namespace Streams.Benchmarks.Pipeline;

/// <summary>How a reader went through a backlog, its start left out: what compiles, connects and fills caches is not the rate.</summary>
/// <param name="Rate">Records a second.</param>
/// <param name="ProcessorMicroseconds">Processor time of the reading process a record.</param>
/// <param name="AllocatedBytes">Managed bytes a record.</param>
/// <param name="PeakResidentBytes">Largest resident memory seen.</param>
internal sealed record Drain(double Rate, double ProcessorMicroseconds, double AllocatedBytes, long PeakResidentBytes)
{
    /// <summary>Share of the records that warm up.</summary>
    private const double WarmUp = 0.3;

    public static Drain Of(IReadOnlyList<Progress> progress, long records)
    {
        var from = progress.First(at => at.Done >= WarmUp * records);
        var to = progress.First(at => at.Done >= records);
        var count = to.Done - from.Done;
        return new Drain(
            count / (to.Seconds - from.Seconds),
            (to.Processor - from.Processor) * 1e6 / count,
            (to.AllocatedBytes - from.AllocatedBytes) / (double)count,
            progress.Max(at => at.ResidentBytes));
    }
}
