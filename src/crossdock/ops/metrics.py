"""Figures for Prometheus: one query for each family, over all companies and processes; request times of this
process alone."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crossdock import __version__
from crossdock.companies.scope import all_companies
from crossdock.ops.web import timing
from crossdock.posting.post_order import PostOrder
from crossdock.stores.health import lag_of
from crossdock.stores.models import Store
from crossdock.sync.models import Counter
from crossdock.work import figures
from crossdock.work.models import OPEN, Attempt, Batch, State
from crossdock.work.times import times

_JOBS = """
SELECT queue_name, status::text, count(*), EXTRACT(EPOCH FROM clock_timestamp() - min(due.at))
FROM procrastinate_jobs AS job CROSS JOIN LATERAL (SELECT COALESCE(scheduled_at,
    (SELECT min(event.at) FROM procrastinate_events AS event WHERE event.job_id = job.id)) AS at) AS due
WHERE status IN ('doing', 'failed') OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= clock_timestamp())
GROUP BY 1, 2 ORDER BY 1, 2
"""
_WORKERS = """
SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %s)
"""
_FAILURES = (State.REFUSED, State.UNCLEAR)


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for those who know the token (CROSSDOCK_METRICS_TOKEN); 404 without one."""
    token = settings.CONFIG.metrics_token
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(sent.encode(), token.encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Figures())
    told = generate_latest(registry) + generate_latest(timing.REGISTRY)
    return HttpResponse(told, content_type="text/plain; version=0.0.4")


class _Figures(Collector):
    """Everything that the database knows."""

    def collect(self) -> Iterator[Metric]:
        """The families, each of which is there also while there is nothing to tell."""
        with all_companies():
            for family in (_version, _jobs, _workers, _attempts, _batches, _stores, _webhooks, _counted):  # fmt: skip
                yield from family()


def _version() -> Iterator[Metric]:
    yield _gauge(
        "crossdock_info", "The version of this web process", {(__version__,): 1}, "version"
    )


def _jobs() -> Iterator[Metric]:
    depth: dict[tuple[str, ...], float] = {}
    age: dict[tuple[str, ...], float] = {}
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        for queue, state, number, seconds in cursor.fetchall():
            depth[queue, state] = number
            if state == "todo":
                age[(queue,)] = max(float(seconds or 0), 0.0)
    yield _gauge(
        "crossdock_jobs", "Jobs: due (todo), running (doing), failed", depth, "queue", "state"
    )
    yield _gauge("crossdock_queue_age_seconds", "Since the oldest job was due", age, "queue")


def _workers() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS, [times().stalled])
        row = cursor.fetchone()
    number = row[0] if row else 0
    yield _gauge(
        "crossdock_worker_processes", "Workers' processes that give a sign of life", {(): number}
    )


def _attempts() -> Iterator[Metric]:
    rows = Attempt.objects.filter(state__in=OPEN).values_list("state").annotate(number=Count("pk"))
    yield _gauge("crossdock_attempts", "Open attempts", {(state,): n for state, n in rows}, "state")


def _batches() -> Iterator[Metric]:
    running = Batch.objects.filter(finished_at=None).count()
    yield _gauge("crossdock_batches_running", "Batches with orders left to do", {(): running})


def _stores() -> Iterator[Metric]:
    lags: dict[tuple[str, ...], float] = {}
    dead, now = 0, timezone.now()
    told = ("company_id", "channel", "synced_until", "token_dead_words")
    serving = Store.objects.filter(unlinked_at__isnull=True, paused_at__isnull=True)
    for store in serving.only(*told):
        dead += bool(store.token_dead_words)
        if (lag := lag_of(store, now)) is not None:
            lags[str(store.company_id), str(store.pk), store.channel] = lag.total_seconds()
    labels = ("company", "store", "channel")
    yield _gauge("crossdock_sync_lag_seconds", "How old a store's orders can be", lags, *labels)
    yield _gauge("crossdock_stores_to_link_again", "Stores whose token is dead", {(): dead})


def _webhooks() -> Iterator[Metric]:
    rows = Counter.objects.values_list("name").annotate(total=Sum("number"))
    told = "Messages of the last days, by what came of them"
    yield _gauge("crossdock_webhooks", told, {(name,): total for name, total in rows}, "result")


def _counted() -> Iterator[Metric]:
    kept: dict[str, dict[tuple[str, ...], float]] = {
        kind: {} for kind in (figures.CALLS, figures.ERRORS, figures.OUTCOMES)
    }
    for (kind, *labels), number in figures.of(*kept):
        kept[kind][tuple(labels)] = number
    outcomes = kept[figures.OUTCOMES]
    failed = sum(outcomes.get((PostOrder.name, state), 0) for state in _FAILURES)
    yield _counter(
        "crossdock_calls", "Requests to marketplaces and books", kept[figures.CALLS], "channel"
    )
    yield _counter(
        "crossdock_call_errors",
        "Calls that came to nothing",
        kept[figures.ERRORS],
        "channel",
        "kind",
    )
    yield _counter("crossdock_outcomes", "Settled attempts: their rate is that of the batches", outcomes, "action", "outcome")  # fmt: skip
    yield _counter("crossdock_posting_failures", "Orders that the books refused", {(): failed})


Samples = Mapping[tuple[str, ...], float]


def _gauge(name: str, told: str, samples: Samples, *labels: str) -> Metric:
    family = GaugeMetricFamily(name, told, labels=labels)
    for values, number in samples.items():
        family.add_metric(values, number)
    return family


def _counter(name: str, told: str, samples: Samples, *labels: str) -> Metric:
    family = CounterMetricFamily(name, told, labels=labels)
    for values, number in samples.items():
        family.add_metric(values, number)
    return family
