"""An order's returns as its page shows them: the facts, what can be done, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.orders.models import History, Order, Return
from crossdock.rules.facts import ReturnMove


@dataclass(frozen=True, slots=True)
class ToldReturn:
    """One return of an order."""

    row: Return
    moves: tuple[ReturnMove, ...]
    history: tuple[History, ...]
    """What happened to it, newest first."""

    @property
    def pictures(self) -> list[str]:
        """Where the buyer's pictures lie; shown as links, never loaded from there by our pages."""
        return pictures(self.row)


def told_returns(order: Order, history: Sequence[History]) -> list[ToldReturn]:
    """The order's returns, open ones first, then newest first. They are loaded."""
    rows = sorted(
        order.returns.all(), key=lambda row: (not row.is_open, -row.created_at.timestamp())
    )
    return [
        ToldReturn(
            row,
            tuple(ReturnMove(move) for move in row.moves),
            tuple(event for event in history if _is_about(event, row)),
        )
        for row in rows
    ]


def pictures(row: Return) -> list[str]:
    """The addresses of a return's pictures that a link may lead to."""
    return [url for url in row.image_urls if url.startswith(("https://", "http://"))]


def _is_about(event: History, row: Return) -> bool:
    return "return" in event.kind and row.return_id in event.text
