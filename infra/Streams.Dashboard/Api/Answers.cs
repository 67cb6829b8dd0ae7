using Streams.Dashboard.Security.Audit;
using Streams.Dashboard.Serving;
using Streams.Dashboard.Status;
using Streams.Schemas.Results;

namespace Streams.Dashboard.Api;

/// <summary>Answer to <c>GET /api/runs</c>.</summary>
/// <param name="Runs">Runs that have results, sorted, live first.</param>
internal sealed record RunsAnswer(IReadOnlyList<string> Runs);

/// <summary>Answer to <c>GET /api/serving</c>.</summary>
/// <param name="Version">One more with every promotion and rollback.</param>
/// <param name="Entries">The promotions in force, newest first.</param>
/// <param name="Rollbacks">How many steps one can go back.</param>
internal sealed record ServingAnswer(long Version, IReadOnlyList<ServingEntry> Entries, int Rollbacks);

/// <summary>Answer to <c>GET /api/results/TOPIC/keys</c>.</summary>
/// <param name="Run">The run.</param>
/// <param name="Topic">The results topic.</param>
/// <param name="Keys">Keys that have results, sorted.</param>
internal sealed record KeysAnswer(string Run, string Topic, IReadOnlyList<string> Keys);

/// <summary>Answer to <c>GET /api/results/TOPIC/latest</c> without a key.</summary>
/// <param name="Results">The latest of each key, sorted by key.</param>
internal sealed record LatestAnswer(IReadOnlyList<ResultRecord> Results);

/// <summary>Answer to <c>GET /api/status</c>.</summary>
/// <param name="Run">The run that the counts are of.</param>
/// <param name="Counts">Distinct results so far, by results topic; null while Redis does not answer.</param>
/// <param name="Pipeline">How the host that answers is doing.</param>
internal sealed record StatusAnswer(string Run, IReadOnlyDictionary<string, long>? Counts, PipelineStatus Pipeline);

/// <summary>Answer to <c>GET /api/audit</c>.</summary>
/// <param name="Actions">Newest first.</param>
internal sealed record AuditAnswer(IReadOnlyList<AuditEntry> Actions);
