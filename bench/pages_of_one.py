"""Measures the pages over one book, and tells the figures as JSON on its last line (see ``pages``)."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench.datasets import PASSWORD
from bench.pages import DEEP, book, quantile

if TYPE_CHECKING:
    from crossdock.orders.models import Order

_COMPANY = "acme"
_A_PAGE = 50
_TABS = (
    "new-order", "to-process", "to-ship", "self-deliver", "unpaid", "shipped", "delivered", "completed",
    "to-cancel", "to-return", "others",
)  # fmt: skip


def main() -> int:
    """Build (or take up) the book, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with book(options.orders, options.keep) as url, closing(_client(url)) as client:
        print(json.dumps(measured(client, options.times)))
    return 0


def measured(client: httpx.Client, times: int) -> dict[str, Any]:
    """Page → p50, p99 (ms), queries, bytes. Pages take turns, in a shuffled order."""
    asks = {name: _ask(client, path) for name, path in pages().items()} | {
        "select all that match, Pack": _start(client)
    }
    chance = random.Random(7)
    found: dict[str, list[tuple[float, int, int]]] = {name: [] for name in asks}
    for ask in asks.values():
        ask()
        ask()
    for _ in range(times):
        order = list(asks)
        chance.shuffle(order)
        for name in order:
            found[name].append(asks[name]())
    return {
        name: {
            "p50": quantile([ms for ms, _, _ in rows], 0.5),
            "p99": quantile([ms for ms, _, _ in rows], 0.99),
            "queries": max(queries for _, queries, _ in rows),
            "bytes": max(size for _, _, size in rows),
        }
        for name, rows in found.items()
    }


def pages() -> dict[str, str]:
    """Name → address of everything that is measured, with things that the book holds."""
    from crossdock.companies.models import Company
    from crossdock.companies.scope import company_scope
    from crossdock.desk.paging import mark_of
    from crossdock.orders.models import Order
    from crossdock.stores.models import Store

    company = Company.objects.get(slug=_COMPANY)
    with company_scope(company):
        done = Order.objects.filter(tab="completed", put_away=False).order_by("-created_at", "-pk")
        count = done.count()
        depth = min(DEEP * 50, count * 3 // 4)
        deep, second, third = (done[min(place, count - 2)] for place in (depth, 49, 99))
        some = Order.objects.filter(tab="shipped").prefetch_related("packages").order_by("pk")[3]
        package = some.packages.all()[0]
        store = Store.objects.order_by("pk")[2]
        listed = "orders/?tab={}".format
        return {
            **{f"tab {tab}": listed(tab) for tab in _TABS},
            "completed, archived": listed("completed&archived=1"),
            "created in the last 7 days": listed("shipped&range=7d"),
            "completed, updated in the last 30 days": listed("completed&range=30d&by=updated"),
            "one store": listed(f"shipped&store={store.pk}"),
            "one channel": listed("completed&channel=shopee"),
            "one courier": listed("completed&courier=GDEX"),
            "one status": listed("others&status=CANCELLED"),
            "not printed": listed("to-ship&printed=no"),
            "not verified": listed("to-ship&verified=no"),
            "not posted": listed("completed&posted=no"),
            "a store's last 30 days": listed(f"shipped&store={store.pk}&range=30d"),
            "overdue": listed("to-process&shipby=overdue"),
            "sorted by update": listed("completed&sort=-updated"),
            "sorted by ship-by": listed("to-process&sort=shipby"),
            "sorted by total": listed("completed&sort=-total"),
            "search: order id": listed(f"shipped&q={some.channel_order_id}"),
            "search: beginning": listed(f"shipped&q={_beginning(some)}"),
            "search: package id": listed(f"shipped&q={package.package_id}"),
            "search: last digits": listed(f"shipped&q={package.tracking_number[-8:]}"),
            "search: store name": listed("shipped&q=Acme+SG"),
            "search: nothing": listed("shipped&q=NOSUCHCODE"),
            "page 2": listed(f"completed&after={_quoted(mark_of(second, '-created'))}"),
            "deep page": listed(f"completed&after={_quoted(mark_of(deep, '-created'))}"),
            "page before": listed(f"completed&after={_quoted(mark_of(third, '-created'))}&back=1"),
            "200 rows": listed("completed&size=200"),
            "order page": f"orders/{some.pk}/",
            "batches": "batches/",
            "live, nothing shown": "orders/live/?tab=to-process",
        }


def _beginning(order: Order) -> str:
    """As much of an order's id as still finds a page full in its tab."""
    from crossdock.orders.models import Order as Orders

    tab, whole = Orders.objects.filter(tab=order.tab), order.channel_order_id
    for length in range(len(whole), 0, -1):
        if tab.filter(channel_order_id__startswith=whole[:length]).count() >= _A_PAGE:
            return whole[:length]
    return whole[:1]


def _quoted(text: str) -> str:
    return str(httpx.QueryParams({"x": text}))[2:]


def _client(url: str) -> httpx.Client:
    """A browser with a login."""
    client = httpx.Client(
        base_url=url, timeout=120, trust_env=False, headers={"Accept-Encoding": "gzip, br"}
    )
    login = client.get("/accounts/login/")
    form = {
        "login": f"owner@{_COMPANY}.test",
        "password": PASSWORD,
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }
    answer = client.post(
        "/accounts/login/", data=form, headers={"Referer": f"{url}/accounts/login/"}
    )
    assert login.status_code == 200
    assert answer.status_code == 302, answer.text[:500]
    return client


def _ask(client: httpx.Client, path: str) -> Callable[[], tuple[float, int, int]]:
    def ask() -> tuple[float, int, int]:
        began = time.perf_counter()
        answer = client.get(f"/c/{_COMPANY}/{path}")
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return took, int(answer.headers["X-Queries"]), answer.num_bytes_downloaded

    return ask


def _start(client: httpx.Client) -> Callable[[], tuple[float, int, int]]:
    """Pack, for all of New Order that match: the click, with no worker behind it."""

    def ask() -> tuple[float, int, int]:
        form: Mapping[str, str] = {
            "action": "pack", "all": "1", "sure": "1", "query": "tab=new-order", "form_key": f"bench-{time.time_ns()}",
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }  # fmt: skip
        began = time.perf_counter()
        answer = client.post(
            f"/c/{_COMPANY}/orders/act/",
            data=form,
            headers={"Referer": str(client.base_url), "HX-Request": "true"},
        )
        took = (time.perf_counter() - began) * 1000
        assert answer.status_code == 200, answer.status_code
        return took, int(answer.headers["X-Queries"]), answer.num_bytes_downloaded

    return ask


if __name__ == "__main__":
    sys.exit(main())
