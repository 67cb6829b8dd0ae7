using OpenTelemetry.Trace;

namespace Streams.Host.Telemetry;

/// <summary>
/// A span follows its parent's decision. A batch of records of several traces has links instead: its span is recorded when one of those is, so that a
/// producer that traces finds what became of its record.
/// </summary>
internal sealed class LinkedSampler(double share) : Sampler
{
    private readonly ParentBasedSampler _otherwise = new(new TraceIdRatioBasedSampler(share));

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.ParentContext.TraceId == default
        && samplingParameters.Links?.Any(link => link.Context.TraceFlags.HasFlag(System.Diagnostics.ActivityTraceFlags.Recorded)) == true
            ? new SamplingResult(SamplingDecision.RecordAndSample)
            : _otherwise.ShouldSample(samplingParameters);
}
