// Results as they come, by server-sent events; resumes after the last one:  node sse.mjs TOPIC [URL]
// (In a page of the dashboard's own origin: new EventSource(`/api/live?topic=${topic}`).onmessage = event => …)
const [topic, url = 'http://127.0.0.1:5080'] = process.argv.slice(2);
for (let last, text = ''; ; text = '', await new Promise(again => setTimeout(again, 1000))) {
  const headers = { 'x-api-key': process.env.STREAMS_API_KEY ?? '', ...(last && { 'last-event-id': last }) };
  for await (const chunk of (await fetch(`${url}/api/live?topic=${topic}`, { headers })).body.pipeThrough(new TextDecoderStream())) {
    const events = (text += chunk).split('\n\n');
    text = events.pop();
    for (const event of events) {
      last = /^id: (.*)$/m.exec(event)?.[1] ?? last;
      if (!/^event: (?!message$)/m.test(event)) console.log(/^data: (.*)$/m.exec(event)?.[1]);
    }
  }
}
