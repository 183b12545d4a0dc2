"""A URL's query as a filter reads it, for the person who asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import QueryDict

from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.filter import Filter
from crossdock.desk.paging import SORTS
from crossdock.ui.sent import sent_with, text_of

_MANY = ("store", "channel", "status")
"""Filters of which several values may be chosen."""
_TELLS_MONEY = frozenset(name for name, (column, _) in SORTS.items() if column == "buyer_total")


def asked_filter(request: CompanyRequest, query: QueryDict) -> tuple[Filter, list[str]]:
    """The filter that a query asks for, as far as this person may; and what could not be understood."""
    wanted, problems = Filter.from_query(asked(query))
    if wanted.sort in sorts_of(request.membership):
        return wanted, problems
    problems.append("Your role does not see totals, and cannot sort by them: newest are first.")
    return replace(wanted, sort=Filter().sort, after="", back=False), problems


def asked(query: QueryDict) -> dict[str, str]:
    """The query with one value a name: several of a kind are joined."""
    return {
        name: ",".join(query.getlist(name)) if name in _MANY else str(query[name]) for name in query
    }


def sorts_of(person: Membership) -> dict[str, str]:
    """Name → as people say it, of the orders of rows that this person may ask for: a place in a list that
    is sorted by totals tells a total."""
    sees_money = may(person, Deed.SEE_MONEY)
    return {
        name: title for name, (_, title) in SORTS.items() if sees_money or name not in _TELLS_MONEY
    }


def wanted_filter(request: CompanyRequest) -> Filter:
    """Return the filter of the list that the person looks at, from what a form of it sent."""
    return asked_filter(request, QueryDict(text_of(sent_with(request), "query")))[0]


def stored_filter(request: CompanyRequest) -> dict[str, Any]:
    """Return the same, as a batch keeps it."""
    return wanted_filter(request).stored(request.company)
