# Results as they come, by server-sent events; resumes after the last one:  python3 sse.py TOPIC [URL]
import os, sys, time, urllib.parse, urllib.request

topic, url = (sys.argv[1:] + ["http://127.0.0.1:5080"])[:2]
query = {"topic": topic}
while True:
    event = "message"
    for line in urllib.request.urlopen(urllib.request.Request(f"{url}/api/live?{urllib.parse.urlencode(query)}", headers={"X-Api-Key": os.environ.get("STREAMS_API_KEY", "")})):
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event": event = value
        elif field == "id": query["lastEventId"] = value
        elif field == "data" and event == "message": print(value, flush=True)
        elif not field: event = "message"
    time.sleep(1)
