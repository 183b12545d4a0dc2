"""A reverse order's JSON → the facts of a return."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from crossdock.channels.errors import Unreadable
from crossdock.channels.lazada.countries import Country
from crossdock.channels.lazada.reading import Reading, Row, rows, text, yes
from crossdock.channels.lazada.return_words import ONLY_REFUND, is_open, moves
from crossdock.rules.facts import Problem, ReturnFacts, ReturnMove, Touches

RETURNS = ("RETURN", ONLY_REFUND)
"""``request_type``: CANCEL is a reverse order too, and no return."""

_LONGEST_STATUS = 60


def is_return(told: Row) -> bool:
    """Whether a reverse order is a return of ours to know, with the ids that it takes."""
    known = text(told, "request_type").upper() in RETURNS
    return known and bool(text(told, "reverse_order_id")) and bool(text(told, "trade_order_id"))


def return_facts(
    told: Row, country: Country, pictures: Sequence[str] = ()
) -> tuple[ReturnFacts, tuple[Problem, ...]]:
    """The facts, and what could not be read. Raises Unreadable without its own or its order's id."""
    if not text(told, "reverse_order_id") or not text(told, "trade_order_id"):
        raise Unreadable("Lazada sent a return without its ids.")
    reading, lines = Reading(), lines_of(told)
    kind, to_merchant = text(told, "request_type").upper(), returns_to_merchant(told)
    here = [(line, moves(kind, to_merchant=to_merchant, line=line)) for line in lines]
    waiting = [line for line, possible in here if possible]
    created = [reading.time(line, "return_order_line_gmt_create") for line in lines]
    updated = [reading.time(line, "return_order_line_gmt_modified") for line in lines]
    known = [moment for moment in (*created, *updated) if moment is not None]
    if not known:
        reading.note(Touches.NOTHING, "return_order_line_gmt_create is missing")
        known = [datetime.now(UTC).replace(microsecond=0)]
    facts = ReturnFacts(
        return_id=text(told, "reverse_order_id"),
        order_id=text(told, "trade_order_id"),
        status=_joined(_once(text(line, "reverse_status") for line in lines)),
        goods_back=kind != ONLY_REFUND,
        currency=country.currency,
        amount=_amount(reading, lines, country),
        created_at=min(known),
        updated_at=max(known),
        is_open=any(map(is_open, lines)),
        waits_for_us=bool(waiting),
        moves=_together(possible for _, possible in here),
        deadline=min((end for line in waiting if (end := reading.time(line, "sla"))), default=None),
        reason=", ".join(_once(text(line, "reason_text") for line in lines))[:300],
        line_ids=_once(text(line, "trade_order_line_id") for line in lines),
        parts=_once(text(line, "reverse_order_line_id") for line in lines),
        tracking_number=next(filter(None, (text(line, "tracking_number") for line in lines)), "")[
            :80
        ],
        image_urls=tuple(pictures),
    )
    return facts, reading.problems


def lines_of(told: Row) -> list[Row]:
    """The lines of a reverse order: the list and the detail name them differently."""
    return rows(told, "reverse_order_lines") or rows(told, "reverseOrderLineDTOList")


def returns_to_merchant(told: Row) -> bool:
    """Whether the goods go to the seller (RTM); True where it is not told."""
    return told.get("is_rtm") is None or yes(told.get("is_rtm"))


def _amount(reading: Reading, lines: Iterable[Row], country: Country) -> Decimal:
    """What is to be paid back: told in cents, but for currencies that have none."""
    told = sum((reading.money(line, "refund_amount") for line in lines), Decimal(0))
    return told / 100 if country.has_cents else told


def _together(of_lines: Iterable[tuple[ReturnMove, ...]]) -> tuple[ReturnMove, ...]:
    return tuple(dict.fromkeys(move for possible in of_lines for move in possible))


def _joined(words: Sequence[str]) -> str:
    """As many whole words as have room where a status is kept."""
    while len(",".join(words)) > _LONGEST_STATUS and len(words) > 1:
        words = words[:-1]
    return ",".join(words)[:_LONGEST_STATUS]


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))
