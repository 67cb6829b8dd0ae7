using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Streams.Dashboard.Tests.Security;

/// <summary>Keeps all that is logged, at every level.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(EventId Event, string Text)> _lines = new();

    public string Text => string.Join('\n', _lines.Select(line => line.Text));

    public IReadOnlyList<string> Of(int eventId) => [.. _lines.Where(line => line.Event.Id == eventId).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._lines.Enqueue((eventId, $"{formatter(state, exception)} {exception}"));
    }
}
