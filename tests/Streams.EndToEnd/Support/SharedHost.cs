namespace Streams.EndToEnd.Support;

/// <summary>
/// One <c>streams up</c> for tests that neither kill it nor set anything: a start costs more than most of them. Each has keys, networks and cameras of its
/// own, and counts only those.
/// </summary>
public sealed class SharedHost : IAsyncLifetime
{
    public HostProcess Host { get; } = new();

    public async ValueTask InitializeAsync() => await Host.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Its tests, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SharedHostCollection : ICollectionFixture<SharedHost>
{
    public const string Name = "host";
}
