"""The state of the orders page: one object that is made from the URL and gives it back.

What the filter asks of an order stands in ``conditions``, the search in ``search``, the order of the
rows in ``paging``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import QuerySet

from crossdock.companies.models import Company
from crossdock.desk.conditions import asked_of
from crossdock.desk.days import RANGES, SHIP_BY
from crossdock.desk.paging import SORTS
from crossdock.desk.search import searched
from crossdock.orders.models import Order
from crossdock.rules.facts import POSTABLE, Tab
from crossdock.rules.from_outside import is_plain, plain, whole
from crossdock.stores.models import Store

SIZES = (50, 100, 150, 200)
_LONGEST = 4000
"""Characters of a search: two hundred pasted codes fit in."""
_PAGE = {"after": "", "back": False}
_MOST_VALUES = 500
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
"""Days that begin and end in every time zone."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The orders that match a filter."""

    rows: QuerySet[Order]
    few: bool = False
    """A search named them one by one: they can be counted by reading them."""
    more: bool = False
    """The search fits more orders than it names."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is shown. Days are the company's days."""

    tab: Tab = Tab.NEW_ORDER
    q: str = ""
    by: str = "created"
    """``created`` or ``updated``: which moment the days are about."""
    range: str = ""
    """A span that moves with today (``days.RANGES``); it wins over ``since`` and ``until``."""
    since: date | None = None
    until: date | None = None
    stores: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    courier: str = ""
    printed: bool | None = None
    verified: bool | None = None
    posted: bool | None = None
    shipby: str = ""
    sort: str = "-created"
    size: int = SIZES[0]
    archived: bool = False
    view: int | None = None
    """The saved view that was chosen, to mark it."""
    after: str = ""
    """Show what comes after this row (``paging.mark``); before it with ``back``."""
    back: bool = False
    misread: tuple[tuple[str, str], ...] = ()
    """Name → what stands there that leaves orders out and could not be understood. Nothing matches then:
    left out, it would show, and hand to a bulk action, more than was asked for."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Filter, list[str]]:
        """The filter that a URL asks for, and what in it could not be understood."""
        read = _Reading(query)
        made = cls(
            tab=read.tab(),
            q=read.text("q", _LONGEST),
            by=read.chosen("by", ("created", "updated"), "created"),
            range=read.one_of("range", tuple(RANGES)),
            since=read.day("from"),
            until=read.day("to"),
            stores=tuple(sorted(read.keys("store"))),
            channels=tuple(sorted(read.words("channel"))),
            statuses=tuple(sorted(read.words("status"))),
            courier=read.text("courier", 120),
            printed=read.yes_or_no("printed"),
            verified=read.yes_or_no("verified"),
            posted=read.yes_or_no("posted"),
            shipby=read.one_of("shipby", tuple(SHIP_BY)),
            sort=read.chosen("sort", tuple(SORTS), "-created"),
            size=read.size(),
            archived=query.get("archived") == "1",
            view=whole(query.get("view", ""), least=1),
            after=plain(query.get("after", ""), 200),
            back=query.get("back") == "1",
        )
        made = replace(made, misread=tuple(sorted(read.misread.items())))
        if made.since and made.until and made.since > made.until:
            read.problems.append("The date range ends before it begins: its ends were swapped.")
            made = replace(made, since=made.until, until=made.since)
        return made, read.problems

    def query(self, **changes: Any) -> str:
        """The URL's query for this filter, with changes; any change but of the page begins at the top."""
        page: dict[str, Any] = {} if "after" in changes else _PAGE
        return urlencode(replace(self, **page, **changes).pairs())

    def pairs(self) -> dict[str, str]:
        """Name → value as the URL has them; what is not set is left out."""
        told = {
            "tab": self.tab.value,
            "q": self.q,
            "by": "" if self.by == "created" else self.by,
            "range": self.range,
            "from": self.since.isoformat() if self.since else "",
            "to": self.until.isoformat() if self.until else "",
            "store": ",".join(map(str, self.stores)),
            "channel": ",".join(self.channels),
            "status": ",".join(self.statuses),
            "courier": self.courier,
            "printed": _said(self.printed),
            "verified": _said(self.verified),
            "posted": _said(self.posted),
            "shipby": self.shipby,
            "sort": "" if self.sort == "-created" else self.sort,
            "size": "" if self.size == SIZES[0] else str(self.size),
            "archived": "1" if self.archived else "",
            "view": str(self.view or ""),
            "after": self.after,
            "back": "1" if self.back else "",
            **dict(self.misread),
        }
        return {name: value for name, value in told.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves out orders of its tab."""
        return self != replace(Filter(), **{name: getattr(self, name) for name in _WIDE})

    @property
    def cleared(self) -> str:
        """The query of its tab with nothing left out."""
        return replace(Filter(), **{name: getattr(self, name) for name in _KEPT}).query()

    def matching(self, company: Company, stores: Sequence[Store] | None = None) -> Matching:
        """The orders of all tabs that match, in no order. ``stores``: the company's, where they are
        at hand."""
        if stores is None:
            stores = list(Store.objects.all()) if self.q or self.stores or self.channels else ()
        if self.misread:
            return Matching(Order.objects.none(), few=True)
        rows = Order.objects.filter(*asked_of(self, company, stores))
        if not self.q:
            return Matching(rows)
        found = searched(self.q, stores)
        return Matching(rows.filter(found.condition), few=found.few, more=found.more)

    def orders(self, company: Company) -> QuerySet[Order]:
        """The orders of its tab that match, in no order."""
        return self.of_tab(self.matching(company).rows, self.tab)

    def of_tab(self, rows: QuerySet[Order], tab: Tab) -> QuerySet[Order]:
        """Those of one tab; posted ones are hidden, or the only ones, as the switch says."""
        return rows.filter(tab=tab.value, put_away=self.archived and tab in POSTABLE)

    def stored(self, company: Company) -> dict[str, Any]:
        """The filter as a batch keeps it."""
        return {"company": company.pk, "query": self.query()}


_WIDE = ("tab", "by", "sort", "size", "archived", "view", "after", "back")
"""What leaves out nothing of a tab."""
_KEPT = ("tab", "sort", "size", "archived")


def orders_of_stored(kept: Mapping[str, Any]) -> QuerySet[Order]:
    """The orders of a filter that a batch kept."""
    wanted, _ = Filter.from_query(dict(parse_qsl(str(kept["query"]))))
    company = Company.objects.get(pk=kept["company"])
    return wanted.orders(company)


def _said(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


class _Reading:
    """Reads a URL's query, and notes what it does not understand."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query, self.problems = query, list[str]()
        self.misread: dict[str, str] = {}

    def tab(self) -> Tab:
        text = self.query.get("tab", "")
        try:
            return Tab(text) if text else Tab.NEW_ORDER
        except ValueError:
            self.problems.append(f"There is no tab {_shown(text)}: New Order is shown.")
            return Tab.NEW_ORDER

    def chosen(self, name: str, known: tuple[str, ...], otherwise: str) -> str:
        """One of the known words; ``otherwise`` stands in for another, since it leaves nothing out."""
        text = self.query.get(name, "")
        if not text or text in known:
            return text or otherwise
        self.problems.append(f"{_shown(text)} is not known for {name!r}, and was left out.")
        return otherwise

    def size(self) -> int:
        told = self.chosen("size", tuple(map(str, SIZES)), str(SIZES[0]))
        return next(size for size in SIZES if str(size) == told)

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        """One of the known words; "" where none is asked for."""
        text = self.query.get(name, "")
        if text and text not in known:
            self._miss(name, f"{_shown(text)} is not known for {name!r}")
            return ""
        return text

    def yes_or_no(self, name: str) -> bool | None:
        text = self.one_of(name, ("yes", "no"))
        return None if not text else text == "yes"

    def day(self, name: str) -> date | None:
        text = self.query.get(name, "")
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or not _FIRST_DAY <= found <= _LAST_DAY):
            self._miss(name, f"{_shown(text)} is no date for {name!r} (such as 2026-03-31)")
            return None
        return found

    def text(self, name: str, longest: int) -> str:
        text = self.query.get(name, "").strip()
        if not is_plain(text):
            self._miss(name, f"{_shown(text)} for {name!r} holds characters that no order has")
        return plain(text, longest)

    def words(self, name: str) -> set[str]:
        text = self.text(name, _LONGEST)
        return {one for word in text.split(",")[:_MOST_VALUES] if (one := word.strip())}

    def keys(self, name: str) -> set[int]:
        found = set()
        for word in self.words(name):
            key = whole(word, least=1)
            if key is None:
                self._miss(name, f"{_shown(word)} is not known for {name!r}")
            else:
                found.add(key)
        return found

    def _miss(self, name: str, words: str) -> None:
        """Note what leaves orders out and cannot be understood, as it stands in the URL."""
        self.misread[name] = self.query[name][:_LONGEST]
        self.problems.append(f"{words}: no orders are shown until it is put right or taken off.")


def _shown(text: str) -> str:
    return repr(text[:60])
