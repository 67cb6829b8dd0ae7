namespace Streams.Dashboard.Status;

/// <summary>How the pipeline is doing; implemented by the host that serves the dashboard.</summary>
public interface IPipelineStatus
{
    /// <summary>The state of this moment. Called every few seconds by each open page, so it should be cheap.</summary>
    ValueTask<PipelineStatus> GetAsync(CancellationToken cancellationToken);
}
