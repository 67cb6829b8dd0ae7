using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streams.Dashboard.Api.OpenApi;
using Streams.Host.Pipeline;
using Streams.Schemas;

namespace Streams.Host.Readings;

/// <summary><c>GET /api/networks/NETWORK/readings?sensor=</c>: what sensors have sent, which the results alone do not tell.</summary>
internal static class ReadingEndpoints
{
    public static void MapReadings(this IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/networks/{network}/readings", Get)
        .Produces<ReadingTable>().Fails(StatusCodes.Status404NotFound).Fails(StatusCodes.Status400BadRequest).Fails(StatusCodes.Status502BadGateway)
        .Describe(
            "sensor networks",
            "What the sensors of a network have sent lately, as it came",
            $"The newest rows by event time, {NetworkReadings.MaxRows} at most, oldest first; null where a reading is missing. All sensors are named in the answer.",
            new ApiParameter("network", "Name of the network.") { Example = "weather" },
            new ApiParameter("sensor", "A sensor whose values are wanted; may be repeated.") { Many = true });

    private static Task<IResult> Get(string network, string[]? sensor, NetworkReadings readings, HttpContext context) => HostAnswers.OfAsync(async () =>
    {
        if (await readings.ReadAsync(network, context.RequestAborted) is not { } table)
        {
            return HostAnswers.NotFound($"network '{network}' has no readings on {Topics.SensorSignals} that are still there; publish some with 'streams publish signals'");
        }

        if (sensor?.FirstOrDefault(name => !table.Values.ContainsKey(name)) is { } stranger)
        {
            return HostAnswers.NotFound($"sensor '{stranger}' has no readings in network '{network}'; there are {string.Join(", ", table.Sensors.Take(10))}{(table.Sensors.Count > 10 ? ", …" : "")}");
        }

        return HostAnswers.Json(table with { Values = (sensor ?? []).Distinct().ToDictionary(name => name, name => table.Values[name]) });
    });
}
