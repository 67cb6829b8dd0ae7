using System.ComponentModel.DataAnnotations;

namespace Streams.Host.Telemetry;

/// <summary>What the host tells of itself. Metrics are always at <c>/metrics</c>; traces and everything else leave the process only where a collector is named.</summary>
public sealed class TelemetryOptions
{
    /// <summary>An OpenTelemetry collector, for instance <c>http://collector:4317</c>: gets traces, metrics and logs by OTLP. Empty: nothing is sent.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>How it is spoken to: 4317 is usually gRPC, 4318 HTTP. Ignored without <see cref="OtlpEndpoint"/>.</summary>
    public OtlpTransport OtlpProtocol { get; set; } = OtlpTransport.Grpc;

    /// <summary>
    /// Share of the traces that begin here which are recorded. A record whose producer has traced it (<c>traceparent</c>) is recorded as the producer
    /// decided. Ignored without <see cref="OtlpEndpoint"/>.
    /// </summary>
    [Range(0.0, 1.0)]
    public double TraceShare { get; set; } = 0.01;

    /// <summary>Name of this program at the collector.</summary>
    [Required(AllowEmptyStrings = false)]
    public string ServiceName { get; set; } = "streams";

    /// <summary>How the log is written to the console: a line of text, or a JSON object with event id, category and values a line.</summary>
    public LogForm LogForm { get; set; } = LogForm.Text;
}

/// <summary>Transports of OTLP.</summary>
public enum OtlpTransport
{
    /// <summary>gRPC.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, to <c>v1/traces</c>, <c>v1/metrics</c> and <c>v1/logs</c> below the endpoint.</summary>
    Http,
}

/// <summary>Forms of the console's log.</summary>
public enum LogForm
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>For programs.</summary>
    Json,
}
