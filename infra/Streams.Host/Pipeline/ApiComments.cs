using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Streams.Host.Configuration.Reference;

namespace Streams.Host.Pipeline;

/// <summary>What the source says of answers and their properties, for the OpenAPI document: of every assembly whose types it shows.</summary>
internal static class ApiComments
{
    public static IServiceCollection AddApiComments(this IServiceCollection services)
    {
        var comments = new XmlComments();
        return services.ConfigureAll<OpenApiOptions>(options => options.AddSchemaTransformer((schema, context, _) =>
        {
            // A schema that somebody has described is described better.
            if (string.IsNullOrEmpty(schema.Description))
            {
                var text = context.JsonPropertyInfo is { } property
                    ? property.AttributeProvider is PropertyInfo declared ? comments.Of(declared) : ""
                    : comments.Of(context.JsonTypeInfo.Type);
                schema.Description = text.Length > 0 ? text : null;
            }

            return Task.CompletedTask;
        }));
    }
}
