"""What a call to a channel, and the order as read after it, mean for an attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from crossdock.channels.contract import Told
from crossdock.channels.errors import (
    ChannelError,
    NoSeat,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
)
from crossdock.orders import record
from crossdock.work.action import Evidence, Outcome
from crossdock.work.models import Attempt, State


@dataclass(frozen=True, slots=True)
class OrderRead(Evidence):
    """An order as read after the call."""

    arrived: record.Arrived
    fetched_at: datetime


def done_since_read(attempts: Sequence[Attempt]) -> dict[int, Outcome]:
    """Those of these attempts (of one action) that another has carried out since their orders were last
    read: our book does not show it yet, and would have it done twice."""
    earlier = Attempt.objects.filter(
        order__in=[one.order_id for one in attempts],
        action=attempts[0].action,
        state=State.DONE,
        settled_at__gte=F("order__fetched_at"),
    )
    sent: dict[int, list[Mapping[str, Any]]] = {}
    for order_id, parts in earlier.values_list("order_id", "sent"):
        sent.setdefault(order_id, []).append(parts)
    return {
        one.pk: Outcome(State.ALREADY, "Done a moment ago.", unread=True)
        for one in attempts
        if any(_is_part_of(one.sent, before) for before in sent.get(one.order_id, ()))
    }


def _is_part_of(meant: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Return whether all that is meant was sent: the same, of these packages and lines or of more."""
    parts = ("package_ids", "line_ids")
    others = (meant.keys() | sent.keys()) - {*parts, "how"}
    return all(set(meant.get(one, ())) <= set(sent.get(one, ())) for one in parts) and all(
        meant.get(one) == sent.get(one) for one in others
    )


def outcome_from_result(result: Told, read: OrderRead | None) -> Outcome:
    """Return what the channel's answer about one order means."""
    evidence = read if read is not None and read.arrived.facts.lines else None
    unread = evidence is None
    if result.ok:
        return Outcome(State.DONE, evidence=evidence, unread=unread)
    if result.already:
        return Outcome(State.ALREADY, result.words, result.code, evidence=evidence, unread=unread)
    if result.done:
        left = {"left": list(result.left)}
        return Outcome(
            State.PARTLY, result.words, result.code, left, evidence=evidence, unread=unread
        )
    if result.again:
        return Outcome(State.QUEUED, result.words, result.code, wait=None)
    return Outcome(State.REFUSED, result.words, result.code, evidence=evidence, unread=unread)


def outcome_of(error: ChannelError) -> Outcome | None:
    """Return the outcome that an error means for every order of a call; None: it is unclear."""
    if isinstance(error, TokenDead):
        return Outcome(State.WAITING, error.words, error.code)
    if isinstance(error, NoSeat):
        return Outcome(State.WAITING, error.words, error.code, wait=error.wait)
    if isinstance(error, Throttled):
        return Outcome(State.QUEUED, error.words, error.code, wait=error.wait, counts=False)
    if isinstance(error, NotSent):
        counts = not error.turned_away
        return Outcome(State.QUEUED, error.words, error.code, wait=None, counts=counts)
    if isinstance(error, Refused):
        return Outcome(State.REFUSED, error.words, error.code)
    return None
