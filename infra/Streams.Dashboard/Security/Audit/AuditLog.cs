using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Security.Audit;

/// <summary>
/// Operator actions: all in the program's log, the newest in Redis (<c>streams:audit</c>, a list, newest first), where every host's are together.
/// </summary>
internal sealed class AuditLog(IConnectionMultiplexer redis, IOptions<SecurityOptions> options, ILogger<AuditLog> logger)
{
    private static readonly RedisKey Key = "streams:audit";

    private readonly IDatabase _redis = redis.GetDatabase();

    /// <summary>Notes an action. A Redis that is away takes only its copy: the program's log has it.</summary>
    public async Task WriteAsync(AuditEntry entry)
    {
        DashboardLog.Answered(logger, entry.Id, entry.Who, entry.Role, entry.Via, entry.From, entry.Action, entry.Body, entry.Status);
        try
        {
            var batch = _redis.CreateTransaction();
            _ = batch.ListLeftPushAsync(Key, ResultJson.Serialize(entry));
            _ = batch.ListTrimAsync(Key, 0, options.Value.AuditEntries - 1);
            await batch.ExecuteAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            DashboardLog.AuditNotKept(logger, entry.Id, e.Message);
        }
    }

    /// <summary>The newest <paramref name="count"/> actions after the first <paramref name="skip"/>, newest first.</summary>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(int skip, int count) =>
        [.. (await _redis.ListRangeAsync(Key, skip, skip + count - 1)).Select(json =>
            JsonSerializer.Deserialize<AuditEntry>((string)json!, ResultJson.Options)!)];
}
