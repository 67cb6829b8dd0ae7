# History over REST, newest first, page by page:  python3 rest.py TOPIC KEY [URL]
import json, os, sys, urllib.parse, urllib.request

topic, key, url = (sys.argv[1:] + ["http://127.0.0.1:5080"])[:3]
query = {"key": key, "limit": 100}
while True:
    request = urllib.request.Request(f"{url}/api/results/{topic}?{urllib.parse.urlencode(query)}", headers={"X-Api-Key": os.environ.get("STREAMS_API_KEY", "")})
    page = json.load(urllib.request.urlopen(request))
    for result in page["results"]:
        print(result["id"], json.dumps(result["data"]))
    if "before" not in page:
        break
    query["before"] = page["before"]
