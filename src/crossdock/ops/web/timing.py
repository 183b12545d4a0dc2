"""How long this process's requests take, from the last byte that came to the last that was handed over."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Histogram

from crossdock.ops.web.shares import Share

REGISTRY = CollectorRegistry()
_SECONDS = Histogram(
    "crossdock_request_seconds",
    "Requests to this web process, by kind and the first digit of the answer",
    ["kind", "answer"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
    registry=REGISTRY,
)


def note(share: Share, status: str, ready_at: float) -> None:
    """Note an answer: ``status`` as "200 OK"; ``ready_at`` by ``time.monotonic``."""
    kind, answer = share.name.lower(), f"{status[:1]}xx"
    _SECONDS.labels(kind, answer).observe(time.monotonic() - ready_at)
