using System.Net;
using System.Text;
using System.Text.Json;
using Streams.EndToEnd.Support;

namespace Streams.EndToEnd.Api;

/// <summary>An operator who asks for a run while the broker is away.</summary>
public sealed class BrokerAwayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartRun_BrokerAway_Is503WithTheRemedy_AndWorksWhenItIsBack()
    {
        await using var broker = await new BrokerProcess().StartAsync();
        await using var host = await new HostProcess("--kafka", broker.BootstrapServers).StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(host.Url), Timeout = TimeSpan.FromMinutes(2) };
        await broker.StopAsync(clean: false);

        using (var away = await StartRunAsync(http))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (away.StatusCode, away.Content.Headers.ContentType?.MediaType));
            var problem = JsonElement.Parse(await away.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal("The broker is not reachable", problem.GetProperty("title").GetString());
            Assert.Contains("streams doctor", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains("\"runs\":[", await http.GetStringAsync("/api/runs", Cancellation), StringComparison.Ordinal);
        await broker.StartAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                using var back = await StartRunAsync(http);
                return back.StatusCode == HttpStatusCode.Accepted;
            },
            TimeSpan.FromSeconds(60),
            () => host.Output);
    }

    private static Task<HttpResponseMessage> StartRunAsync(HttpClient http) => http.PostAsync(
        "/api/runs", new StringContent("{\"run\":\"check\",\"topic\":\"label.samples\"}", Encoding.UTF8, "application/json"), Cancellation);
}
