using Confluent.Kafka;
using Microsoft.AspNetCore.Http;
using Streams.Host.Cli;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Publishing;
using Streams.Ingest.Replay;
using Streams.Schemas;
using Streams.Schemas.Results;

namespace Streams.Host.Pipeline;

/// <summary>Answers of the host's own endpoints: what an operator can mend becomes a problem that says how.</summary>
internal static class HostAnswers
{
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, ResultJson.Options, statusCode: status);

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");

    public static async Task<IResult> OfAsync(Func<Task<IResult>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (e is StreamsException or DeadLetterException or ReplayBoundException or RecordFormatException)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (Exception e) when (e is KafkaException or PublishException)
        {
            return Results.Problem(
                $"Kafka did not do it: {e.Message}. Check it with 'streams doctor', then repeat",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "Kafka is not reachable");
        }
    }
}
