using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Streams.Host.Cli;
using Streams.Host.Configuration;

namespace Streams.Host.Telemetry;

/// <summary>OpenTelemetry: what is measured and traced, and where it goes.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Meters and activity sources of the product have its name in front.</summary>
    private const string Ours = "Streams.*";

    private static readonly string[] Frameworks = ["Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];

    // Captioning a clip takes seconds, a label a millisecond: wider than the defaults on both sides.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    /// <summary>Measures for <c>/metrics</c>, and sends what there is where a collector is named.</summary>
    /// <exception cref="StreamsException">The collector's address cannot be used.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder, TelemetryOptions options)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Describe(resource, options))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter([Ours, .. Frameworks]).AddPrometheusExporter();
                metrics.AddView(instrument => instrument.Unit == "s" && instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal)
                    ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds } : null);
            });
        if (options.OtlpEndpoint.Length == 0)
        {
            return;
        }

        var collector = Collector(options);
        telemetry
            .WithMetrics(metrics => metrics.AddOtlpExporter(otlp => Send(otlp, collector, options, "metrics")))
            .WithTracing(tracing => tracing.AddSource(Ours).SetSampler(new LinkedSampler(options.TraceShare))
                .AddOtlpExporter(otlp => Send(otlp, collector, options, "traces")));
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeScopes = false;
            logging.ParseStateValues = true;
            logging.SetResourceBuilder(Describe(ResourceBuilder.CreateDefault(), options)).AddOtlpExporter(otlp => Send(otlp, collector, options, "logs"));
        });
    }

    /// <summary>Traces of a command, which has no host around it. Null where no collector is named; else disposing it sends what is left.</summary>
    /// <exception cref="StreamsException">The collector's address cannot be used.</exception>
    public static IDisposable? Trace(this StreamsOptions options)
    {
        if (options.Telemetry.OtlpEndpoint.Length == 0)
        {
            return null;
        }

        var collector = Collector(options.Telemetry);
        return Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Describe(ResourceBuilder.CreateDefault(), options.Telemetry))
            .AddSource(Ours)
            .SetSampler(new LinkedSampler(options.Telemetry.TraceShare))
            .AddOtlpExporter(otlp => Send(otlp, collector, options.Telemetry, "traces"))
            .Build();
    }

    /// <summary>The console's log.</summary>
    public static void AddConsole(this ILoggingBuilder logging, LogForm form)
    {
        if (form == LogForm.Json)
        {
            logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
            return;
        }

        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
    }

    private static Uri Collector(TelemetryOptions options) =>
        Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new StreamsException($"Streams:Telemetry:OtlpEndpoint is '{options.OtlpEndpoint}'", "write an address such as http://collector:4317");

    private static void Send(OtlpExporterOptions otlp, Uri collector, TelemetryOptions options, string signal)
    {
        otlp.Protocol = options.OtlpProtocol == OtlpTransport.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        // An endpoint that is set here is taken as it is, without the signal's path.
        otlp.Endpoint = options.OtlpProtocol == OtlpTransport.Grpc ? collector : new Uri($"{collector.AbsoluteUri.TrimEnd('/')}/v1/{signal}");
    }

    private static ResourceBuilder Describe(ResourceBuilder resource, TelemetryOptions options) => resource.AddService(
        options.ServiceName,
        serviceVersion: typeof(TelemetryExtensions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        serviceInstanceId: Environment.MachineName);
}
