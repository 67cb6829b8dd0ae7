using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api.OpenApi;

/// <summary>The OpenAPI document of everything that the application serves to programs, at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    private const string About = """
        Results of the pipeline, its status, and the runs that replay a part of it. The `data` of a result is that of its topic in `schemas/asyncapi.yaml`.
        Times are event times, ISO 8601 in UTC. Fields without a value are left out. Errors are problem details (RFC 9457) that name the argument, its
        value and the way out. Where API keys or an identity provider are configured, every request needs one: viewers may read (GET, HEAD), operators may
        do everything; else the dashboard answers on loopback only.
        """;

    public static void AddApiDocument(this IServiceCollection services)
    {
        // The schemas are made with the JSON dialect that the answers are written in.
        services.ConfigureHttpJsonOptions(http =>
        {
            var (ours, theirs) = (ResultJson.Options, http.SerializerOptions);
            theirs.DefaultIgnoreCondition = ours.DefaultIgnoreCondition;
            theirs.NumberHandling = ours.NumberHandling;
            theirs.RespectNullableAnnotations = ours.RespectNullableAnnotations;
            theirs.RespectRequiredConstructorParameters = ours.RespectRequiredConstructorParameters;
            theirs.TypeInfoResolverChain.Insert(0, ours.TypeInfoResolver!);
            foreach (var converter in ours.Converters)
            {
                theirs.Converters.Add(converter);
            }
        });
        services.AddOpenApi(Name, options => options.AddDocumentTransformer(Complete).AddSchemaTransformer(AsWritten));
    }

    public static void MapApiDocument(this IEndpointRouteBuilder endpoints) => endpoints.MapOpenApi("/openapi/{documentName}.json");

    /// <summary>What has no value is left out, so it is not required; and times are texts, whatever converter writes them.</summary>
    private static Task AsWritten(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.IsGetNullable || property.AssociatedParameter is { IsNullable: true } || Nullable.GetUnderlyingType(property.PropertyType) is not null)
            {
                schema.Required?.Remove(property.Name);
            }
        }

        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }

        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new OpenApiInfo { Title = "Streams", Version = "1", Description = About };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key (`streams keys create`), or a token of the identity provider.",
            },
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "An API key." },
        };
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] },
        ];
        return Task.CompletedTask;
    }
}
