"""Which lines and packages of an order an attempt is about."""

from __future__ import annotations

from collections.abc import Callable

from crossdock.channels.contract import Parcel
from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.stores.ways import how_of
from crossdock.work.models import Attempt


def lines_at(facts: OrderFacts, stages: Callable[[Stage], bool]) -> tuple[str, ...]:
    """The ids of the live lines at such a stage."""
    return tuple(line.line_id for line in facts.live_lines if stages(line.stage))


def packages_at(facts: OrderFacts, stages: Callable[[Stage], bool]) -> tuple[str, ...]:
    """The ids of the packages that hold live lines at such a stage."""
    here = {line.package_id for line in facts.live_lines if stages(line.stage)}
    return tuple(package.package_id for package in facts.packages if package.package_id in here)


def parcel_sent(attempt: Attempt) -> Parcel:
    """What was written down as meant of the attempt's order."""
    sent = attempt.sent
    return Parcel(
        sent["order_id"],
        tuple(sent["package_ids"]),
        tuple(sent["line_ids"]),
        how_of(sent["how"]) if sent.get("how") else None,
    )


def lines_sent(attempt: Attempt, facts: OrderFacts) -> list[LineFacts]:
    """The lines, as they are now, that the attempt was about."""
    sent = parcel_sent(attempt)
    return [
        line
        for line in facts.lines
        if line.line_id in sent.line_ids or line.package_id in sent.package_ids
    ]
