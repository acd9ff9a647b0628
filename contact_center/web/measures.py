"""What /metrics shows. Labels are from short lists, never ids, paths or anything a stranger chooses."""

from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram

BUCKETS_S: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

registry: CollectorRegistry = REGISTRY
requests: Final = Histogram("contact_center_request_seconds", "Requests", ("method", "status"), buckets=BUCKETS_S)
writer_depth: Final = Gauge("contact_center_writer_waiting", "Commands in line for the writer")
connections: Final = Gauge("contact_center_connections", "Open sockets on this node")
event_cursor: Final = Gauge("contact_center_event_cursor", "Last event handed out")
ready: Final = Gauge("contact_center_ready", "Whether the last test write was stored")
