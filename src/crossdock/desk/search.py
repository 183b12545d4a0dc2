"""The search box: order id, package id, tracking number, or a store's name. Void packages and numbers that
a channel replaced are found as well: whoever holds an old label must come to its order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.db.models import Q

from crossdock.companies.scope import current_company_id
from crossdock.rules.codes import cleaned, readings
from crossdock.stores.models import Store

MOST = 2000
"""Orders that the beginning of a code may fit: more of it must be written then."""
_LAST_DIGITS = 4
_MOST_CODES = 200
_BETWEEN = re.compile(r"[\s,;]+")
_DIGIT = re.compile(r"\d")

_WHOLE_OR_BEGINNING = """
(SELECT id FROM orders_order WHERE company_id = %(company)s AND channel_order_id LIKE %({n}_begin)s
 LIMIT %(most)s)
UNION
(SELECT order_id FROM orders_package WHERE company_id = %(company)s AND package_id LIKE %({n}_begin)s
 LIMIT %(most)s)
UNION
(SELECT order_id FROM orders_package WHERE company_id = %(company)s AND tracking_number LIKE %({n}_begin)s
 LIMIT %(most)s)
UNION
(SELECT order_id FROM orders_formernumber WHERE company_id = %(company)s AND number LIKE %({n}_begin)s
 LIMIT %(most)s)
"""
_ENDING = """
UNION
(SELECT order_id FROM orders_package WHERE company_id = %(company)s
 AND REVERSE(tracking_number) LIKE %({n}_end)s LIMIT %(most)s)
UNION
(SELECT order_id FROM orders_formernumber WHERE company_id = %(company)s
 AND REVERSE(number) LIKE %({n}_end)s LIMIT %(most)s)
"""
_LIST = """
SELECT id FROM orders_order WHERE company_id = %(company)s AND channel_order_id = ANY(%(codes)s)
UNION
SELECT order_id FROM orders_package WHERE company_id = %(company)s AND package_id = ANY(%(codes)s)
UNION
SELECT order_id FROM orders_package WHERE company_id = %(company)s AND tracking_number = ANY(%(codes)s)
UNION
SELECT order_id FROM orders_formernumber WHERE company_id = %(company)s AND number = ANY(%(codes)s)
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """The orders that a search means."""

    condition: Q
    few: bool
    """They are named one by one (``MOST`` at most), not by their store."""
    more: bool
    """The beginning of a code fits more than that."""


def searched(text: str, stores: Iterable[Store]) -> Searched:
    """The orders that a search means. ``stores``: the company's.

    One code: whole, its beginning, or (of a tracking number) its last digits. Several codes, as they
    are pasted from a list: each whole. Or a part of a store's name. Each kind is one look into an
    index of its own, so that a search costs what it finds.
    """
    named = [one.pk for one in stores if text.casefold() in one.name.casefold()]
    codes = [code for one in _BETWEEN.split(text) if (code := cleaned(one))]
    found, more = _by_code(text)
    if len(codes) > 1 and not found and all(map(_DIGIT.search, codes)):
        found = _by_list([one for code in codes[:_MOST_CODES] for one in readings(code)])
    meant = Q(pk__in=found)
    if named:
        meant = meant | Q(store__in=named) if found else Q(store__in=named)
    return Searched(meant, few=not named, more=more)


def _by_code(text: str) -> tuple[list[int], bool]:
    """Orders by one code, as it came or in other letters (a scanner types with Caps Lock on, a person
    without); whether there are more than ``MOST``."""
    codes = readings(text) if _DIGIT.search(text) else [cleaned(text)]
    if not codes or not codes[0]:
        return [], False
    looks: list[str] = []
    values: dict[str, str | int | list[str]] = {}
    for n, code in enumerate(codes):
        ends = len(code) >= _LAST_DIGITS and code.isalnum()
        looks.append((_WHOLE_OR_BEGINNING + (_ENDING if ends else "")).replace("{n}", f"r{n}"))
        values |= {f"r{n}_begin": _like(code), f"r{n}_end": _like(code[::-1])}
    found = _asked("UNION".join(looks), **values, most=MOST + 1)
    return found[:MOST], len(found) > MOST


def _by_list(codes: list[str]) -> list[int]:
    return _asked(_LIST, codes=codes)


def _asked(sql: str, **values: str | int | list[str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"company": current_company_id(), **values})
        return [row[0] for row in cursor.fetchall()]


@cache
def _special() -> re.Pattern[str]:
    return re.compile(r"([\\%_])")


def _like(beginning: str) -> str:
    """The pattern of what begins like this, and nothing else."""
    return _special().sub(r"\\\1", beginning) + "%"
