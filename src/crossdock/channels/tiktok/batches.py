"""Calls about packages: what each package's answer comes to for its order.

A batch answers ``code`` 0 also where some of its packages were refused: ``errors`` names those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import ChannelError, NotSent, Refused, Throttled, TokenExpired
from crossdock.channels.reading import Row, child, rows, text
from crossdock.channels.tiktok.api import post
from crossdock.channels.tiktok.deeds import Deed
from crossdock.channels.tiktok.orders import read_orders
from crossdock.channels.tiktok.refusals import is_about_the_call, may_come_again, refusal_of
from crossdock.channels.tiktok.translate import order_facts
from crossdock.rules.facts import OrderFacts

NO_PACKAGE = "TikTok Shop has made no package for this order yet."
_PUT_OFF = (NotSent, Throttled, TokenExpired)
"""What certainly did nothing, and may work later."""

Step = tuple[Sequence[Parcel], Callable[[], dict[str, Told]]]
"""Parcels, and the call about them: order id → what it came to."""


@dataclass(frozen=True, slots=True)
class No:
    """The refusal of one package."""

    words: str
    code: str
    again: bool = False


def in_turn(steps: Iterable[Step]) -> dict[str, Told]:
    """Make these calls one after the other.

    One that is put off while others were made before leaves its parcels for later, so that what was
    done is told, and not done again. Raises ``channels.errors``.
    """
    told: dict[str, Told] = {}
    for parcels, make in steps:
        try:
            told |= make()
        except _PUT_OFF as later:
            if not told:
                raise
            told |= {one.order_id: _later(one, later) for one in parcels}
    return told


def in_batches(shop: Shop, deed: Deed, parcels: Sequence[Parcel], most: int) -> list[Step]:
    """The steps for these parcels, with at most so many packages a call."""
    groups: list[list[Parcel]] = [[]]
    for parcel in parcels:
        size = sum(len(one.package_ids) for one in groups[-1])
        if groups[-1] and size + len(parcel.package_ids) > most:
            groups.append([])
        groups[-1].append(parcel)
    return [(group, partial(_batch, shop, deed, group)) for group in groups if group]


def looked_at(
    shop: Shop, deed: Deed, parcels: Sequence[Parcel], refused: Mapping[str, No]
) -> dict[str, Told]:
    """The outcomes of parcels of which some packages were refused (package id → why).

    What was refused is read again: perhaps it had been done before, whatever the code.
    """
    doubtful = [
        parcel.order_id
        for parcel in parcels
        if any(one in refused and not _is_known(refused[one], deed) for one in parcel.package_ids)
    ]
    facts = _read(shop, doubtful)
    return {one.order_id: _told(one, deed, refused, facts.get(one.order_id)) for one in parcels}


def no_of(refusal: Refused) -> No:
    """A refusal as that of one package."""
    return No(refusal.words, refusal.code, may_come_again(refusal.code))


def _batch(shop: Shop, deed: Deed, parcels: Sequence[Parcel]) -> dict[str, Told]:
    # A combined package is named once, whichever of its orders are meant.
    ids = list(dict.fromkeys(one for parcel in parcels for one in parcel.package_ids))
    if not ids:
        return looked_at(shop, deed, parcels, {})
    packages = [{"id": one, **deed.more} for one in ids]
    answer = refusal_of(lambda: post(shop, deed.path, {"packages": packages}, writes=True))
    if not isinstance(answer, Refused):
        return looked_at(shop, deed, parcels, _refused(answer, ids))
    if len(parcels) > 1 and not is_about_the_call(answer) and not may_come_again(answer.code):
        # One package may have spoilt the call for all: each order is tried on its own.
        return in_turn([([one], partial(_batch, shop, deed, [one])) for one in parcels])
    return looked_at(shop, deed, parcels, dict.fromkeys(ids, no_of(answer)))


def _refused(answer: Row, ids: Sequence[str]) -> dict[str, No]:
    """Package id → its refusal. An error that names no package of the call may be any one's: all are
    in doubt then."""
    found: dict[str, No] = {}
    for row in rows(answer, "errors"):
        code = text(row, "code")
        no = No(f"{text(row, 'message') or 'no message'} ({code})", code, may_come_again(code))
        named = text(child(row, "detail"), "package_id")
        if named in ids:
            found[named] = no
        else:
            found = {**dict.fromkeys(ids, replace(no, again=False)), **found}
    return found


def _is_known(no: No, deed: Deed) -> bool:
    """Whether a refusal needs no second look."""
    return no.again or no.code in deed.already


def _read(shop: Shop, order_ids: Sequence[str]) -> dict[str, OrderFacts]:
    """These orders as they are now; {} where they cannot be read: a refusal then stays one."""
    try:
        found = [order_facts(row) for row in read_orders(shop, order_ids)]
    except ChannelError:
        return {}
    return {one.order_id: one for one in found}


def _told(parcel: Parcel, deed: Deed, refused: Mapping[str, No], facts: OrderFacts | None) -> Told:
    """What the packages of one order came to together."""
    if not parcel.package_ids:
        return Told(parcel.order_id, ok=False, words=NO_PACKAGE)
    ids = parcel.package_ids
    done = tuple(one for one in ids if one not in refused)
    before = tuple(one for one in ids if one in refused and _was_done(one, refused, deed, facts))
    left = tuple(one for one in ids if one in refused and one not in before)
    first = refused[(left or before)[0]] if left or before else No("", "")
    if not left:
        return Told(
            parcel.order_id,
            ok=bool(done),
            already=not done,
            words="" if done else first.words,
            code="" if done else first.code,
            done=done + before,
        )
    unsaid = facts is not None and facts.seller_delivers and parcel.how is None
    return Told(
        parcel.order_id,
        ok=False,
        words=f"{deed.own_words} {first.words}".strip() if unsaid else first.words,
        code=first.code,
        again=all(refused[one].again for one in left),
        done=done + before,
        left=left,
    )


def _was_done(
    package_id: str, refused: Mapping[str, No], deed: Deed, facts: OrderFacts | None
) -> bool:
    if refused[package_id].code in deed.already:
        return True
    lines = facts.live_lines if facts else ()
    stages = {line.stage for line in lines if line.package_id == package_id}
    return bool(stages) and stages <= deed.done


def _later(parcel: Parcel, error: ChannelError) -> Told:
    return Told(parcel.order_id, ok=False, words=error.words, code=error.code, again=True)
