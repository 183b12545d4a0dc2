"""What a scanned code is told at once, from our own book alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crossdock.orders.facts import facts_of, marks_to_ship
from crossdock.orders.fates import fate_told
from crossdock.orders.find import Found, find
from crossdock.rules.allowed import Answer as Rule
from crossdock.rules.allowed import may_ship
from crossdock.rules.codes import other_keyboard
from crossdock.rules.facts import Stage
from crossdock.rules.fate import Fate
from crossdock.scanning.models import Answer

_WITHOUT_LIFE = "No longer on its way to the buyer."

_CARE = {
    Answer.CANCELLED: 0,
    Answer.VOID: 0,
    Answer.READY: 1,
    Answer.WRONG_STAGE: 2,
    Answer.ALREADY: 3,
}
"""Of the answers of the orders in one parcel, which is told."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a code."""

    answer: Answer
    words: str
    found: Found | None = None
    choices: Sequence[Found] = ()
    """The orders that the code fits, where there are several."""


def verdict_on(code: str, chosen: int | None = None) -> Verdict:
    """What this code is told. ``chosen``: the order (pk) that a person picked among several."""
    matches = find(code)
    if chosen is not None:
        matches = [one for one in matches if one.order.pk == chosen]
    if not matches:
        return Verdict(Answer.UNKNOWN, other_keyboard(code) or "No order has this code.")
    if _is_one_parcel(matches):
        return _on_parcel(matches)
    if len(matches) > 1:
        return Verdict(
            Answer.SEVERAL, f"{len(matches)} orders have this code: which one?", choices=matches
        )
    return _on_one(matches[0])


def _on_one(found: Found) -> Verdict:
    return stays_here(found) or _on_order(found)


def stays_here(found: Found) -> Verdict | None:
    """The verdict on a parcel that must not go, or whose label is void; None on any other."""
    order = found.order
    package = next(
        (one for one in order.packages.all() if one.package_id == found.package_id), None
    )
    told = fate_told(order, package, is_void=found.is_void)
    if told.fate is Fate.VOID:
        return Verdict(Answer.VOID, f"Void label: order {order} {told.words}.", found)
    if told.fate is Fate.STOPPED and not order.printed_count:
        return None
    if told.is_dead:
        return Verdict(Answer.CANCELLED, _sentence(told.words), found)
    if order.lines_known and not any(line.live for line in order.lines.all()):
        return Verdict(Answer.CANCELLED, _WITHOUT_LIFE, found)
    return None


def _is_one_parcel(matches: Sequence[Found]) -> bool:
    """Whether these orders travel together in the one parcel that the code names."""
    parcels = {(one.order.store_id, one.package_id) for one in matches}
    return len(matches) > 1 and len(parcels) == 1 and bool(matches[0].package_id)


def _on_parcel(matches: Sequence[Found]) -> Verdict:
    """What the order in it is told that asks for most care: shipping one ships the parcel."""
    told = [_on_one(one) for one in matches]
    loudest = min(told, key=lambda one: _CARE.get(one.answer, len(_CARE)))
    named = ", ".join(one.order.channel_order_id for one in matches)
    return replace(loudest, words=f"{loudest.words} (one parcel: {named})")


def _on_order(found: Found) -> Verdict:
    order = found.order
    ruled = may_ship(facts_of(order), marks_to_ship(order))
    if ruled.ok and _waits(found):
        return Verdict(Answer.READY, "Ready", found)
    if ruled.ok:
        return Verdict(Answer.ALREADY, "This package is shipped already.", found)
    answer = Answer.ALREADY if ruled.answer is Rule.ALREADY else Answer.WRONG_STAGE
    return Verdict(answer, _sentence(ruled.why), found)


def _waits(found: Found) -> bool:
    """Whether what was named still waits: the whole order does as long as any part of it does."""
    lines = [one for one in found.order.lines.all() if one.live]
    inside = [one for one in lines if one.package_id == found.package_id]
    if not found.package_id or not inside:
        return True
    return any(Stage(one.stage) in (Stage.TO_PACK, Stage.PACKED) for one in inside)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
