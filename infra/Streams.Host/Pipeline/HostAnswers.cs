using Confluent.Kafka;
using Microsoft.AspNetCore.Http;
using Streams.Dashboard.Serving;
using Streams.Host.Cli;
using Streams.Ingest.DeadLetters;
using Streams.Ingest.Publishing;
using Streams.Ingest.Replay;
using Streams.Schemas;
using Streams.Schemas.Results;
using static Microsoft.AspNetCore.Http.StatusCodes;

namespace Streams.Host.Pipeline;

/// <summary>Answers of the host's own endpoints: what an operator can mend becomes a problem that says how.</summary>
internal static class HostAnswers
{
    private const string Away = "The broker is not reachable";
    private const string AskAgain = "nothing is lost: check it with `streams doctor`, then ask again";

    public static IResult Json<T>(T value, int status = Status200OK) => Results.Json(value, ResultJson.Options, statusCode: status);

    public static IResult NotFound(string detail) => Results.Problem(detail, statusCode: Status404NotFound, title: "Not found");

    public static Task<IResult> JsonAsync<T>(Func<Task<T>> act, int status = Status200OK) => OfAsync(async () => Json(await act(), status));

    public static async Task<IResult> OfAsync(Func<Task<IResult>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (BrokerProblem(e) is var (title, problem, code))
        {
            return Results.Problem(problem, statusCode: code, title: title);
        }
        catch (Exception e) when (e is StreamsException or ServingException or DeadLetterException or ReplayBoundException or RecordFormatException)
        {
            return Results.Problem(e.Message, statusCode: Status400BadRequest);
        }
    }

    /// <summary>What an operator is told of an error of the broker's, or of a silo's; null for any other.</summary>
    private static (string Title, string Detail, int Status)? BrokerProblem(Exception e) => e switch
    {
        BrokerAwayException => (Away, $"{e.Message}; {AskAgain}", Status503ServiceUnavailable),
        PublishException { Code: var code } when Broker.IsAway(code) => (Away, $"{e.Message}; {AskAgain}", Status503ServiceUnavailable),
        KafkaException { Error: var error } when Broker.IsAway(error.Code) =>
            (Away, $"the broker did not answer ({error.Reason}); {AskAgain}", Status503ServiceUnavailable),
        KafkaException { Error: var error } =>
            ("The broker refuses", $"{error.Reason} ({error.Code}); grant this client what it lacks, or mend Streams:Kafka:Properties", Status502BadGateway),
        PublishException => ("The broker refuses", e.Message, Status502BadGateway),
        OrleansException => ("A silo is not reachable", $"{e.Message}; {AskAgain}", Status503ServiceUnavailable),
        _ => null,
    };
}
