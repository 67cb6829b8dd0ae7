// History over REST, newest first, page by page:  node rest.mjs TOPIC KEY [URL]
const [topic, key, url = 'http://127.0.0.1:5080'] = process.argv.slice(2);
const query = new URLSearchParams({ key, limit: 100 });
for (;;) {
  const response = await fetch(`${url}/api/results/${topic}?${query}`, { headers: { 'x-api-key': process.env.STREAMS_API_KEY ?? '' } });
  const page = await response.json();
  for (const result of page.results) console.log(result.id, JSON.stringify(result.data));
  if (!page.before) break;
  query.set('before', page.before);
}
