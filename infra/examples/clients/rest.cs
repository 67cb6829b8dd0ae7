#:property PublishAot=false
// History over REST, newest first, page by page:  dotnet run rest.cs TOPIC KEY [URL]
using System.Text.Json.Nodes;

using var http = new HttpClient { BaseAddress = new Uri(args.ElementAtOrDefault(2) ?? "http://127.0.0.1:5080") };
http.DefaultRequestHeaders.Add("X-Api-Key", Environment.GetEnvironmentVariable("STREAMS_API_KEY") ?? "");
for (string? before = "", query; before is not null;)
{
    query = $"/api/results/{args[0]}?key={Uri.EscapeDataString(args[1])}&limit=100{(before == "" ? "" : $"&before={Uri.EscapeDataString(before)}")}";
    var page = JsonNode.Parse(await http.GetStringAsync(query))!;
    foreach (var result in page["results"]!.AsArray()) Console.WriteLine($"{result!["id"]} {result["data"]!.ToJsonString()}");
    before = page["before"]?.GetValue<string>();
}
