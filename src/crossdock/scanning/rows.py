"""The list of scanned orders, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crossdock.orders.find import Found
from crossdock.scanning.models import Answer, Scan, ScanSheet
from crossdock.scanning.verdict import stays_here
from crossdock.work.models import State

_SHOWN = 500
"""Scans of a list that the page holds; older ones are counted."""
_MOVING = (State.QUEUED, State.SENDING, State.ASKING)
_GOOD = (State.DONE, State.ALREADY)


@dataclass(frozen=True, slots=True)
class Row:
    """One scanned order and where it stands."""

    scan: Scan
    standing: str
    """``shipped``, ``moving`` (the channel is being called), ``waiting``, ``failed``, or ``dead``: it was
    cancelled or packed again since, and stays here."""
    words: str

    @property
    def version(self) -> str:
        """Changes when the row looks different."""
        return f"{self.scan.attempt_id}-{self.standing}"


def rows_of(sheet: ScanSheet, *, only: Iterable[int] | None = None) -> list[Row]:
    """The orders of a list that were given to the channel, newest first, each once."""
    scans = sheet.scans.filter(attempt__isnull=False, answer=Answer.READY.value)
    if only is not None:
        scans = scans.filter(pk__in=list(only))
    found = scans.select_related("order__store", "attempt").prefetch_related(
        "order__lines", "order__packages"
    )
    return [row_of(one) for one in found.order_by("-pk")[:_SHOWN]]


def row_of(scan: Scan) -> Row:
    """Where a scanned order stands. Raises ValueError for a scan that shipped nothing."""
    attempt = scan.attempt
    if attempt is None:
        raise ValueError("Nothing was shipped by this scan.")
    if scan.order and (dead := stays_here(Found(scan.order, scan.package_id))):
        return Row(scan, "dead", f"Keep it here: {dead.words}")
    state = State(attempt.state)
    if state in _GOOD:
        return Row(scan, "shipped", "Ready to ship" if state is State.DONE else attempt.words)
    if state in _MOVING:
        return Row(scan, "moving", "Being shipped")
    if state is State.WAITING:
        return Row(scan, "waiting", attempt.words)
    return Row(scan, "failed", attempt.words)
