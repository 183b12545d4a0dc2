"""How many orders each tab holds for a filter: exact up to 10,000, in one query, which can also tell the
keys of some of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

from crossdock.companies.scope import current_company_id
from crossdock.desk.filter import SIZES, Filter, Matching
from crossdock.rules.facts import POSTABLE, Tab

MOST = 10_000
_FULL_FOR = 60
"""Seconds for which a tab that held more than ``MOST`` is not counted again for the same filter: it is
shown as "10,000+" either way."""


def counts(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """Tab → how many; ``MOST + 1`` stands for more. No tab is counted any further than that."""
    return counts_and_keys(wanted, matching, ())[0]


def counts_and_keys(
    wanted: Filter, matching: Matching, spans: Sequence[QuerySet[Any]]
) -> tuple[dict[Tab, int], list[int]]:
    """The counts, and the keys that these queries (of keys alone, and cut) list: of one moment,
    but where a search named the orders."""
    if matching.few:
        return _by_reading(wanted, matching), _asked_at_once((), spans)[1]
    return _by_index(wanted, matching, spans)


def shown(count: int) -> str:
    """A count as people read it."""
    return f"{MOST:,}+" if count > MOST else f"{count:,}"


def _by_reading(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """Where a search named the orders: read them once."""
    found = dict.fromkeys(Tab, 0)
    rows = matching.rows.order_by().values_list("tab", "put_away").annotate(number=Count("pk"))
    for tab, put_away, number in rows:
        if put_away is (wanted.archived and Tab(tab) in POSTABLE):
            found[Tab(tab)] += number
    return found


def _by_index(
    wanted: Filter, matching: Matching, spans: Sequence[QuerySet[Any]]
) -> tuple[dict[Tab, int], list[int]]:
    """A count of its own for each tab, which ends where it need not go on."""
    key = _key(wanted)
    full: frozenset[Tab] = caches["near"].get(key, frozenset())
    tabs = [tab for tab in Tab if tab not in full]
    cut = [wanted.of_tab(matching.rows, tab).order_by().values("tab")[: MOST + 1] for tab in tabs]
    numbers, keys = _asked_at_once(cut, spans)
    counted = dict.fromkeys(full, MOST + 1) | dict(zip(tabs, numbers, strict=True))
    now_full = frozenset(tab for tab, number in counted.items() if number > MOST)
    if now_full - full:
        caches["near"].set(key, now_full, _FULL_FOR)
    return {tab: counted[tab] for tab in Tab}, keys


def _key(wanted: Filter) -> str:
    """The same for every page and tab of one filter in one company."""
    asked = wanted.query(tab=Tab.NEW_ORDER, sort="-created", size=SIZES[0], view=None)
    return f"full:{current_company_id()}:{hashlib.sha256(asked.encode()).hexdigest()[:32]}"


def _asked_at_once(
    counted: Sequence[QuerySet[Any]], listed: Sequence[QuerySet[Any]]
) -> tuple[list[int], list[int]]:
    """How many rows each of these has, and the keys of all rows of those: one statement."""
    asked = [("count(*)", rows) for rows in counted]
    asked += [("array_agg(found.pk)", rows) for rows in listed]
    parts: list[str] = []
    values: list[Any] = []
    for what, rows in asked:
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:  # a filter that nothing can match, such as a store of nobody's
            sql, parameters = "SELECT NULL::bigint AS pk WHERE false", ()
        parts.append(f"(SELECT {what} FROM ({sql}) AS found)")  # noqa: S608 - Django made it
        values += parameters
    if not parts:
        return [], []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        told = cursor.fetchone()
    keys = [key for found in told[len(counted) :] for key in found or ()]
    return list(told[: len(counted)]), keys
