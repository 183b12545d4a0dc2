"""A URL's query as a filter reads it."""

from __future__ import annotations

from django.http import QueryDict

_MANY = ("store", "channel", "status")
"""Filters of which several values may be chosen."""


def asked(query: QueryDict) -> dict[str, str]:
    """The query with one value a name: several of a kind are joined."""
    return {
        name: ",".join(query.getlist(name)) if name in _MANY else str(query[name]) for name in query
    }
