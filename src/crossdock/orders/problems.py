"""What of an order could not be read, as its row keeps it: the words whole, and part by part.

A row that an older release wrote has the words alone. What they touch is not known then: money, until
it is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from crossdock.orders.models import Order
from crossdock.rules.facts import Problem, Touches


def problems_of(order: Order) -> tuple[Problem, ...]:
    """What of this order could not be read."""
    kept = tuple(Problem(Touches(touches), words) for touches, words in order.problems)
    if _words(kept) == order.problem:
        return kept
    return (Problem(Touches.MONEY, order.problem),) if order.problem else ()


def problem_columns(problems: Iterable[Problem]) -> dict[str, Any]:
    """The columns that keep them."""
    known = tuple(problems)
    return {
        "problem": _words(known),
        "problems": [[one.touches.value, one.words] for one in known],
    }


def unread(*touching: Touches) -> Q:
    """The orders of which such a part could not be read."""
    told = Q(problems=[]) if Touches.MONEY in touching else Q()
    for one in touching:
        told |= Q(problems__contains=[[one.value]])
    return ~Q(problem="") & told


def _words(problems: Iterable[Problem]) -> str:
    return "; ".join(dict.fromkeys(one.words for one in problems))
