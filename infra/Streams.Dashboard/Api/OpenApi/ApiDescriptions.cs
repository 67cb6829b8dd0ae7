using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Streams.Dashboard.Api.OpenApi;

/// <summary>What the OpenAPI document says of an endpoint, said where it is mapped.</summary>
public static class ApiDescriptions
{
    private const string Problem = "application/problem+json";

    /// <summary>
    /// Describes an endpoint, with the errors that every one has: 401 and 403 by who asks, 429, and 503 while Redis or the broker is away.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="tag">The group that it is shown in.</param>
    /// <param name="summary">What it does, in a line.</param>
    /// <param name="description">What else there is to know; Markdown.</param>
    /// <param name="parameters">Its arguments; those that the handler does not declare are added.</param>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, string tag, string summary, string description, params ApiParameter[] parameters) =>
        endpoint.WithTags(tag).WithSummary(summary).WithDescription(description)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                foreach (var parameter in parameters)
                {
                    Describe(operation, parameter);
                }

                return Task.CompletedTask;
            });

    /// <summary>One of its errors besides those that every endpoint has.</summary>
    public static RouteHandlerBuilder Fails(this RouteHandlerBuilder endpoint, int status) => endpoint.ProducesProblem(status, Problem);

    /// <summary>It also answers in another form, of bytes, where the request's <c>Accept</c> asks for it.</summary>
    public static RouteHandlerBuilder AlsoAs(this RouteHandlerBuilder endpoint, string contentType, string description) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Responses!["200"].Content!.Add(contentType, new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = description },
            });
            return Task.CompletedTask;
        });

    /// <summary>The form of its request body, JSON, which the handler reads by itself, whatever content type is said.</summary>
    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint) =>
        endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellation) => operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellation) },
            },
        });

    private static void Describe(OpenApiOperation operation, ApiParameter described)
    {
        operation.Parameters ??= [];
        var parameter = operation.Parameters.OfType<OpenApiParameter>().FirstOrDefault(known => known.Name == described.Name);
        if (parameter is null)
        {
            operation.Parameters.Add(parameter = new OpenApiParameter
            {
                Name = described.Name,
                In = described.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
            });
        }

        parameter.Description = described.Description;
        parameter.Schema = described.Schema();
        parameter.Example = described.Example is null ? null : JsonValue.Create(described.Example);
    }
}
