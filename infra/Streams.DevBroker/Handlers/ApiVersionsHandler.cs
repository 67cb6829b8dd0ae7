using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;

namespace Streams.DevBroker.Handlers;

/// <summary>Tells which requests are answered in which versions.</summary>
internal sealed class ApiVersionsHandler(Func<IEnumerable<ApiHandler>> all) : ApiHandler(ApiKey.ApiVersions, 0, 4, 3)
{
    private const long NoFeaturesEpoch = -1;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        if (context.Version >= 3)
        {
            reader.ReadString("client_software_name");
            reader.ReadString("client_software_version");
            reader.SkipTags();
        }

        Write(context.Response, context.Version, ErrorCode.None);
        return ValueTask.CompletedTask;
    }

    /// <summary>The answer to a version from the future: in version 0, which every client can read.</summary>
    public void WriteUnsupported(KafkaWriter writer)
    {
        writer.Flexible = false;
        Write(writer, 0, ErrorCode.UnsupportedVersion);
    }

    private void Write(KafkaWriter writer, short version, ErrorCode error)
    {
        writer.WriteError(error);
        writer.WriteArray([.. all()], (target, handler) =>
        {
            target.WriteInt16((short)handler.Key);
            target.WriteInt16(handler.MinVersion);
            target.WriteInt16(handler.MaxVersion);
            target.WriteNoTags();
        });
        if (version >= 1)
            writer.WriteInt32(0);
        if (version >= 3)
            WriteFeatureTags(writer);
    }

    private static void WriteFeatureTags(KafkaWriter writer)
    {
        // One tagged field: the epoch of finalized features, of which there are none.
        writer.WriteUnsignedVarint(1);
        writer.WriteUnsignedVarint(1);
        writer.WriteUnsignedVarint(sizeof(long));
        writer.WriteInt64(NoFeaturesEpoch);
    }
}
