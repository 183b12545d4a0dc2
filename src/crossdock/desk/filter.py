"""The state of the orders page: one object that is made from the URL and gives it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Reverse

from crossdock.companies.models import Company
from crossdock.orders.models import Order, Package
from crossdock.rules.codes import cleaned
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store

SIZES = (50, 100, 150, 200)
POSTABLE = frozenset({Tab.SHIPPED, Tab.DELIVERED, Tab.COMPLETED})
"""The tabs whose orders can be posted, and that hide posted ones."""
_LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown. Days are the company's days."""

    tab: Tab = Tab.NEW_ORDER
    q: str = ""
    since: date | None = None
    until: date | None = None
    by: str = "created"
    """``created`` or ``updated``: which moment the date range is about."""
    store: int | None = None
    archived: bool = False
    size: int = 50
    after: str = ""
    """Show what comes after this row (``moment|pk``); before it with ``back``."""
    back: bool = False

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Filter, list[str]]:
        """The filter that a URL asks for, and what in it could not be understood."""
        problems: list[str] = []
        size = query.get("size", "50")
        made = cls(
            tab=_tab(query.get("tab", ""), problems),
            q=query.get("q", "").strip()[:100],
            since=_day("from", query.get("from", ""), problems),
            until=_day("to", query.get("to", ""), problems),
            by="updated" if query.get("by") == "updated" else "created",
            store=int(query["store"]) if query.get("store", "").isdigit() else None,
            archived=query.get("archived") == "1",
            size=int(size) if size.isdigit() and int(size) in SIZES else 50,
            after=query.get("after", ""),
            back=query.get("back") == "1",
        )
        if made.since and made.until and made.since > made.until:
            problems.append("The date range ends before it begins: its ends were swapped.")
            made = replace(made, since=made.until, until=made.since)
        return made, problems

    def query(self, **changes: Any) -> str:
        """The URL's query for this filter, with changes; any change but of the page begins at the top."""
        page: dict[str, Any] = {} if "after" in changes else {"after": "", "back": False}
        wanted = replace(self, **page, **changes)
        pairs = {
            "tab": wanted.tab.value,
            "q": wanted.q,
            "from": wanted.since.isoformat() if wanted.since else "",
            "to": wanted.until.isoformat() if wanted.until else "",
            "by": "" if wanted.by == "created" else wanted.by,
            "store": str(wanted.store or ""),
            "archived": "1" if wanted.archived else "",
            "size": "" if wanted.size == SIZES[0] else str(wanted.size),
            "after": wanted.after,
            "back": "1" if wanted.back else "",
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    def orders(self, company: Company) -> QuerySet[Order]:
        """The orders of all tabs that match, in no order."""
        rows = Order.objects.all()
        if self.store:
            rows = rows.filter(store_id=self.store)
        field = "updated_at" if self.by == "updated" else "created_at"
        if self.since:
            rows = rows.filter(**{f"{field}__gte": _begin(self.since, company)})
        if self.until:
            rows = rows.filter(**{f"{field}__lt": _begin(self.until + timedelta(days=1), company)})
        return rows.filter(_searched(self.q)) if self.q else rows

    def of_tab(self, rows: QuerySet[Order], tab: Tab) -> QuerySet[Order]:
        """Those of one tab; posted ones are hidden, or the only ones, as the switch says."""
        rows = rows.filter(tab=tab.value)
        return rows.filter(archived=self.archived) if tab in POSTABLE else rows

    def stored(self, company: Company) -> dict[str, Any]:
        """The filter as a batch keeps it."""
        return {"company": company.pk, "query": self.query()}


def orders_of_stored(kept: Mapping[str, Any]) -> QuerySet[Order]:
    """The orders of a filter that a batch kept."""
    wanted, _ = Filter.from_query(dict(parse_qsl(str(kept["query"]))))
    company = Company.objects.get(pk=kept["company"])
    return wanted.of_tab(wanted.orders(company), wanted.tab)


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """One page of rows, and where the neighbours begin."""

    rows: list[Order]
    newer: str
    older: str


def page(wanted: Filter, rows: QuerySet[Order]) -> OrdersPage:
    """The page that the filter points to: newest first, cut by the last row's own place, so that
    the thousandth page costs what the first costs."""
    place = _place(wanted.after)
    ordered = rows.order_by("-created_at", "-pk")
    if place:
        moment, pk = place
        if wanted.back:
            newer = Q(created_at__gt=moment) | Q(created_at=moment, pk__gt=pk)
            ordered = rows.filter(newer).order_by("created_at", "pk")
        else:
            older = Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)
            ordered = ordered.filter(older, created_at__lte=moment)
    found = list(ordered[: wanted.size + 1])
    more = len(found) > wanted.size
    found = found[: wanted.size]
    if wanted.back and place:
        found.reverse()
    has_newer = more if wanted.back and place else bool(place)
    has_older = True if wanted.back and place else more
    return OrdersPage(
        rows=found,
        newer=_mark(found[0]) if found and has_newer else "",
        older=_mark(found[-1]) if found and has_older else "",
    )


def _searched(text: str) -> Q:
    """Order id, package id or tracking number (whole, or its beginning; a number also by its last
    digits), or a store's name."""
    code = cleaned(text)
    by_code = Q(channel_order_id__startswith=code)
    packages = Package.objects.filter(
        Q(package_id__startswith=code) | Q(tracking_number__startswith=code), voided_at__isnull=True
    )
    found = by_code | Q(pk__in=packages.values("order_id"))
    if len(code) >= _LAST_DIGITS and code.isalnum():
        ending = Package.objects.annotate(reversed=Reverse(F("tracking_number"))).filter(
            reversed__startswith=code[::-1], voided_at__isnull=True
        )
        found |= Q(pk__in=ending.values("order_id"))
    return found | Q(store__in=Store.objects.filter(name__icontains=text).values("pk"))


def _begin(day: date, company: Company) -> datetime:
    return datetime.combine(day, time(), company.zone)


def _mark(order: Order) -> str:
    return f"{order.created_at.isoformat()}|{order.pk}"


def _place(mark: str) -> tuple[datetime, int] | None:
    moment, _, pk = mark.replace(" ", "+").partition("|")
    try:
        return datetime.fromisoformat(moment), int(pk)
    except ValueError:
        return None


def _tab(text: str, problems: list[str]) -> Tab:
    try:
        return Tab(text) if text else Tab.NEW_ORDER
    except ValueError:
        problems.append(f"There is no tab {text!r}: New Order is shown.")
        return Tab.NEW_ORDER


def _day(name: str, text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(f"{text!r} is no date for {name!r}: write it as 2026-03-31.")
        return None
