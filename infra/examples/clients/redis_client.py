# The newest result, and then each as it comes, from Redis (apt-get install python3-redis):  python3 redis_client.py TOPIC KEY [HOST:PORT]
import json, sys
import redis

topic, key, address = (sys.argv[1:] + ["127.0.0.1:6380"])[:3]
client = redis.Redis.from_url(f"redis://{address}", decode_responses=True)
print(client.hget(f"streams:{{live/{topic}/{key}}}:latest", "json"), flush=True)
channel = client.pubsub(ignore_subscribe_messages=True)
channel.subscribe("streams:live:live")
for message in channel.listen():
    result = json.loads(message["data"].split(" ", 1)[1])
    if result["topic"] == topic: print(json.dumps(result), flush=True)
