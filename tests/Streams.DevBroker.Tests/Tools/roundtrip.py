"""Drives python3-kafka against a broker: topic, produce, consume in a group, commit, resume, look-up by time.

usage: roundtrip.py BOOTSTRAP TOPIC COUNT CODEC [API_VERSION]     e.g. 127.0.0.1:9092 t 10000 gzip 0.11.0
"""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

bootstrap, topic, count, codec = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
common = {"bootstrap_servers": bootstrap}
if len(sys.argv) > 5:
    common["api_version"] = tuple(int(part) for part in sys.argv[5].split("."))
codec = None if codec == "none" else codec

admin = KafkaAdminClient(**common)
admin.create_topics([NewTopic(topic, num_partitions=4, replication_factor=1, topic_configs={"retention.ms": "-1"})])
described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
settings = {entry[0]: entry[1] for answer in described for entry in answer.resources[0][4]}
assert settings["retention.ms"] == "-1", settings

producer = KafkaProducer(compression_type=codec, linger_ms=20, acks="all", **common)
for i in range(count):
    producer.send(topic, key=b"key-%d" % (i % 100), value=b"value-%d" % i, headers=[("n", b"%d" % i)], timestamp_ms=1_000_000 + i)
producer.flush()
producer.close()


def read(group, expected):
    consumer = KafkaConsumer(
        topic, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=20000, **common)
    seen = {}
    for record in consumer:
        i = int(record.value[6:])
        assert record.key == b"key-%d" % (i % 100), record
        assert record.headers == [("n", b"%d" % i)], record
        assert record.timestamp == 1_000_000 + i, record
        seen.setdefault(record.key, []).append(i)
        if sum(len(numbers) for numbers in seen.values()) == expected:
            break
    consumer.commit()
    offsets = sum(consumer.committed(TopicPartition(topic, p)) or 0 for p in range(4))
    late = consumer.offsets_for_times({TopicPartition(topic, p): 1_000_000 + count // 2 for p in range(4)})
    consumer.close()
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    return sum(len(numbers) for numbers in seen.values()), offsets, late


records, offsets, late = read(topic + ".group", count)
assert (records, offsets) == (count, count), (records, offsets)
assert all(found.offset > 0 for found in late.values()), late

groups = {group[0] for group in admin.list_consumer_groups()}
assert topic + ".group" in groups, groups
committed = admin.list_consumer_group_offsets(topic + ".group")
assert sum(entry.offset for entry in committed.values()) == count, committed
admin.delete_topics([topic])
admin.close()
print("ok", records)
