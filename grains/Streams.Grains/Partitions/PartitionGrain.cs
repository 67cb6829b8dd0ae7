namespace Streams.Grains.Partitions;

/// <inheritdoc cref="IPartitionGrain" />
internal sealed class PartitionGrain([PersistentState("cursor", StreamsStorage.Name)] IPersistentState<PartitionState> state)
    : Grain, IPartitionGrain
{
    public async Task<PartitionCursor> AcquireAsync()
    {
        await SaveAsync(Cursor with { Epoch = Cursor.Epoch + 1 });
        return Cursor;
    }

    public Task AdvanceAsync(long epoch, long nextOffset)
    {
        if (epoch != Cursor.Epoch)
        {
            throw new StaleEpochException(this.GetPrimaryKeyString(), epoch, Cursor.Epoch);
        }

        return nextOffset > Cursor.NextOffset ? SaveAsync(Cursor with { NextOffset = nextOffset }) : Task.CompletedTask;
    }

    public Task<PartitionCursor> ReadAsync() => Task.FromResult(Cursor);

    private PartitionCursor Cursor => state.State.Cursor;

    private async Task SaveAsync(PartitionCursor cursor)
    {
        var before = Cursor;
        state.State.Cursor = cursor;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What is in memory must never be ahead of what is stored.
            state.State.Cursor = before;
            throw;
        }
    }
}

/// <summary>Stored form of a partition's cursor.</summary>
[GenerateSerializer]
internal sealed class PartitionState
{
    [Id(0)]
    public PartitionCursor Cursor { get; set; } = PartitionCursor.None;
}
