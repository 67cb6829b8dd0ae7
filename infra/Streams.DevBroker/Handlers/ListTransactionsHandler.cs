using Streams.DevBroker.Protocol;
using Streams.DevBroker.Server;
using Streams.DevBroker.Transactions;

namespace Streams.DevBroker.Handlers;

/// <summary>Lists transactional ids, by state, producer and how long their transaction has been open.</summary>
internal sealed class ListTransactionsHandler(BrokerState broker) : ApiHandler(ApiKey.ListTransactions, 0, 1, 0)
{
    private const long AnyDuration = -1;

    public override ValueTask HandleAsync(RequestContext context)
    {
        var reader = context.Reader;
        var writer = context.Response;
        var states = reader.ReadArray("state_filters", static item => item.ReadString("state"));
        var producers = reader.ReadArray("producer_id_filters", static item => item.ReadInt64("producer_id"));
        long openForMs = context.Version >= 1 ? reader.ReadInt64("duration_filter") : AnyDuration;
        reader.SkipTags();

        long now = broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var unknown = states.Where(state => !Enum.TryParse<TransactionState>(state, out _)).ToList();
        var listed = broker.Transactions.All
            .Where(transaction => states.Count == 0 || states.Contains(transaction.State.ToString()))
            .Where(transaction => producers.Count == 0 || producers.Contains(transaction.ProducerId))
            .Where(transaction => openForMs <= AnyDuration || (transaction.StartMs >= 0 && now - transaction.StartMs > openForMs))
            .OrderBy(transaction => transaction.TransactionalId, StringComparer.Ordinal)
            .ToList();
        writer.WriteInt32(0);
        writer.WriteError(ErrorCode.None);
        writer.WriteArray(unknown, static (target, state) => target.WriteString(state));
        writer.WriteArray(listed, static (target, transaction) =>
        {
            target.WriteString(transaction.TransactionalId);
            target.WriteInt64(transaction.ProducerId);
            target.WriteString(transaction.State.ToString());
            target.WriteNoTags();
        });
        writer.WriteNoTags();
        return ValueTask.CompletedTask;
    }
}
