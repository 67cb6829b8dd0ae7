#:property PublishAot=false
// Results as they come, by server-sent events; resumes after the last one:  dotnet run sse.cs TOPIC [URL]
using System.Net.ServerSentEvents;

using var http = new HttpClient { BaseAddress = new Uri(args.ElementAtOrDefault(1) ?? "http://127.0.0.1:5080"), Timeout = Timeout.InfiniteTimeSpan };
http.DefaultRequestHeaders.Add("X-Api-Key", Environment.GetEnvironmentVariable("STREAMS_API_KEY") ?? "");
for (var last = ""; ; await Task.Delay(1000))
{
    using var stream = await http.GetStreamAsync($"/api/live?topic={args[0]}{(last == "" ? "" : $"&lastEventId={Uri.EscapeDataString(last)}")}");
    await foreach (var item in SseParser.Create(stream).EnumerateAsync())
    {
        last = item.EventId ?? last;
        if (item.EventType == "message") Console.WriteLine(item.Data);
    }
}
