namespace Streams.Dashboard.Security;

/// <summary>What was shown may be good, but cannot be checked now: 503 instead of 401.</summary>
internal sealed class UncheckedException(string message, Exception inner) : Exception(message, inner);
