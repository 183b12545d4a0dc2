"""What Prometheus is told: every family, one query each, the counts of all processes, nobody's secrets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crossdock import __version__
from crossdock.companies.scope import company_scope
from crossdock.configuration import read
from crossdock.ops.web.shares import Share
from crossdock.ops.web.timing import note
from crossdock.orders.models import Order
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work import batch, figures
from crossdock.work.jobs import FAST, SLOW, drain_lane
from crossdock.work.models import Lane
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)

FAMILIES = (
    "crossdock_info", "crossdock_jobs", "crossdock_queue_age_seconds", "crossdock_worker_processes",
    "crossdock_attempts", "crossdock_batches_running", "crossdock_sync_lag_seconds",
    "crossdock_stores_to_link_again", "crossdock_webhooks", "crossdock_calls_total",
    "crossdock_call_errors_total", "crossdock_outcomes_total", "crossdock_posting_failures_total",
    "crossdock_request_seconds",
)  # fmt: skip


@pytest.fixture(autouse=True)
def token(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSDOCK_METRICS_TOKEN", "token")
    settings.CONFIG = read()
    figures._counted.clear()


def told() -> str:
    answer = Client().get("/metrics", headers={"Authorization": "Bearer token"})
    assert answer.status_code == 200
    return answer.content.decode()


def sample(name: str, **labels: str) -> float:
    """One sample; 0.0 where there is none."""
    written = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    full = re.escape(f"{name}{{{written}}}" if written else name)
    found = re.search(rf"^{full} (\S+)$", told(), re.M)
    return float(found[1]) if found else 0.0


def test_without_the_token_the_page_does_not_exist() -> None:
    assert Client().get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer x"}).status_code == 404


def test_every_family_is_there_also_while_nothing_has_happened_at_one_query_each() -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        text = told()
    named = set(re.findall(r"^# HELP (\w+)", text, re.M))
    assert {name.removesuffix("_total") for name in FAMILIES} <= {
        name.removesuffix("_total") for name in named
    }
    assert f'crossdock_info{{version="{__version__}"}} 1.0' in text
    assert len(asked) <= 7, [one["sql"] for one in asked]


def test_the_queue_is_told_by_what_is_due_and_since_when() -> None:
    drain_lane.configure(queue=FAST).defer(company_id=1, lane_id=1)
    drain_lane.configure(queue=SLOW, schedule_in={"hours": 1}).defer(company_id=1, lane_id=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '90 seconds'")
    assert sample("crossdock_jobs", queue=FAST, state="todo") == 1
    assert sample("crossdock_jobs", queue=SLOW, state="todo") == 0, "it is not due yet"
    assert 89 < sample("crossdock_queue_age_seconds", queue=FAST) < 200
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'failed' WHERE queue_name = %s", [FAST]
        )
    assert sample("crossdock_jobs", queue=FAST, state="failed") == 1


def test_each_store_has_its_own_lag(cast: Cast, store: Store) -> None:
    with company_scope(cast.acme):
        Store.objects.filter(pk=store.pk).update(synced_until=timezone.now() - timedelta(minutes=7))
    lag = sample("crossdock_sync_lag_seconds", channel="lazada", company=str(cast.acme.pk), store=str(store.pk))  # fmt: skip
    assert 419 < lag < 500


@pytest.mark.usefixtures("unhurried")
def test_calls_errors_and_outcomes_are_counted_wherever_they_happen(
    cast: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    with company_scope(cast.acme):
        look_at(store, [order_id])
        order = Order.objects.get(channel_order_id=order_id)
        batch.start(cast.acme, cast.alice, "pack", form_key="once", order_ids=[order.pk])
        lane = Lane.objects.get()
    assert sample("crossdock_batches_running") == 1
    drain_lane(company_id=cast.acme.pk, lane_id=lane.pk)
    sandbox.post("/faults", system="lazada", kind="refuse", code="77", message="No.")
    with company_scope(cast.acme), pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is
        call(store, lambda known, shop: known.shop_name(shop))
    assert sample("crossdock_calls_total", channel="lazada") == 0, "not written down yet"
    figures.write_down()
    figures.write_down()
    calls = sample("crossdock_calls_total", channel="lazada")
    assert calls >= 3
    errors = re.findall(r'crossdock_call_errors_total\{channel="lazada",kind="\w+"\} 1.0', told())
    assert len(errors) == 1
    assert sample("crossdock_outcomes_total", action="pack", outcome="done") == 1
    figures.count(figures.CALLS, "lazada")
    figures.write_down()
    assert sample("crossdock_calls_total", channel="lazada") == calls + 1


def test_what_could_not_be_written_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    figures.count(figures.OUTCOMES, "post", "refused")
    with monkeypatch.context() as away:
        away.setattr(figures, "_ADDED", "SELECT 1 / 0, %s, %s")
        with pytest.raises(Exception, match="division"):
            figures.write_down()
    figures.write_down()
    assert sample("crossdock_posting_failures_total") == 1


def test_request_times_are_told_by_kind_and_answer() -> None:
    before = sample("crossdock_request_seconds_count", answer="5xx", kind="scans")
    note(Share.SCANS, "503 Service Unavailable", 0.0)
    assert sample("crossdock_request_seconds_count", answer="5xx", kind="scans") == before + 1
