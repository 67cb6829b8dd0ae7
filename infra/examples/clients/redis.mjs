// The newest result, and then each as it comes, from Redis (npm install redis):  node redis.mjs TOPIC KEY [HOST:PORT]
import { createClient } from 'redis';

const [topic, key, address = '127.0.0.1:6380'] = process.argv.slice(2);
const client = await createClient({ url: `redis://${address}` }).connect();
console.log(await client.hGet(`streams:{live/${topic}/${key}}:latest`, 'json'));
await (await client.duplicate().connect()).subscribe('streams:live:live', message => {
  const result = JSON.parse(message.slice(message.indexOf(' ') + 1));
  if (result.topic === topic) console.log(JSON.stringify(result));
});
