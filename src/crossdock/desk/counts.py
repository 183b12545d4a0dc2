"""How many orders each tab holds for a filter: exact up to 10,000, in one query."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count

from crossdock.companies.scope import current_company_id
from crossdock.desk.filter import SIZES, Filter, Matching
from crossdock.rules.facts import POSTABLE, Tab

MOST = 10_000
_FULL_FOR = 60
"""Seconds for which a tab that held more than ``MOST`` is not counted again for the same filter: it is
shown as "10,000+" either way."""


def counts(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """Tab → how many; ``MOST + 1`` stands for more. No tab is counted any further than that."""
    return _by_reading(wanted, matching) if matching.few else _by_index(wanted, matching)


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


def _by_index(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """A count of its own for each tab, which ends where it need not go on."""
    key = _key(wanted)
    full: frozenset[Tab] = cache.get(key, frozenset())
    counted = dict.fromkeys(full, MOST + 1) | _counted(
        wanted, matching, [t for t in Tab if t not in full]
    )
    now_full = frozenset(tab for tab, number in counted.items() if number > MOST)
    if now_full - full:
        cache.set(key, now_full, _FULL_FOR)
    return {tab: counted[tab] for tab in Tab}


def _key(wanted: Filter) -> str:
    """The same for every page and tab of one filter in one company."""
    asked = wanted.query(tab=Tab.NEW_ORDER, sort="-created", size=SIZES[0], view=None)
    return f"full:{current_company_id()}:{hashlib.sha256(asked.encode()).hexdigest()[:32]}"


def _counted(wanted: Filter, matching: Matching, tabs: Sequence[Tab]) -> dict[Tab, int]:
    if not tabs:
        return {}
    parts: list[str] = []
    values: list[Any] = []
    for tab in tabs:
        of_tab = wanted.of_tab(matching.rows, tab).order_by().values("pk")[: MOST + 1]
        sql, parameters = of_tab.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django made it
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return dict(zip(tabs, cursor.fetchone(), strict=True))
