"""How far a run or a check is, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from crossdock.stores.models import Store
from crossdock.sync.models import DayCheck, Held, Pull


@dataclass(frozen=True, slots=True)
class Outcome:
    """What there is to say about a run or a check."""

    words: str
    badge: str
    """``good``, ``warn``, ``bad`` or ``info``: the colour; ``label`` says it in a word."""
    label: str
    percent: int


def of_run(run: Pull) -> Outcome:
    """How far a run is. ``run.store`` and the people are loaded."""
    percent = _percent(run)
    if run.cancelled_at is not None:
        told = f"Stopped by {run.cancelled_by or 'somebody'} after {_number(run.listed, run.part)}."
        return Outcome(told, "warn", "stopped", percent)
    if run.finished_at is not None:
        if run.error:
            return Outcome(f"Given up after a day: {run.error}", "bad", "given up", percent)
        return Outcome(_told(run), "warn" if run.set_aside else "good", "done", 100)
    if waiting := _waits(run.store):
        return Outcome(waiting, "warn", "waiting", percent)
    if run.error:
        return Outcome(f"{run.error} It is tried again every minute.", "bad", "failing", percent)
    return Outcome(f"{_number(run.listed, run.part)} read so far.", "info", "running", percent)


def of_check(check: DayCheck) -> Outcome:
    """What a check found, or why it does not get on. ``check.store`` is loaded."""
    missing = len(check.gap_ids)
    if check.finished_at is None:
        if waiting := _waits(check.store):
            return Outcome(waiting, "warn", "waiting", 0)
        if check.error:
            return Outcome(f"{check.error} It is tried again every minute.", "bad", "failing", 0)
        return Outcome(f"{_number(check.listed, 'orders')} listed so far.", "info", "running", 0)
    if check.compared_at is None:
        return Outcome(f"Given up after a day: {check.error}", "bad", "given up", 0)
    if not missing:
        return Outcome("Nothing was missing.", "good", "complete", 100)
    left = missing - check.fetched
    if left:
        told = f"{left} of {missing} missing orders could not be fetched yet: {check.error}"
        return Outcome(told, "bad", f"{left} missing", 100)
    told = f"{_number(missing, 'orders')} {'was' if missing == 1 else 'were'} missing: fetched."
    return Outcome(told, "warn", f"{missing} fetched", 100)


def token(rows: Iterable[Held]) -> str:
    """Changes whenever anything changes that is shown of these rows."""
    seen = [
        (
            row.pk,
            row.finished_at,
            row.error,
            getattr(row, "listed", 0),
            getattr(row, "seen_until", 0),
        )
        for row in rows
    ]
    return sha256(repr(seen).encode()).hexdigest()[:16]


def _told(run: Pull) -> str:
    aside = f", {run.set_aside} not read whole" if run.set_aside else ""
    return f"{_number(run.listed, run.part)} listed, {run.changed} brought news{aside}."


def _number(number: int, part: str) -> str:
    return f"{number:,} {part.rstrip('s') if number == 1 else part}"


def _waits(store: Store) -> str:
    if store.unlinked_at is not None:
        return "The store is no longer linked."
    if store.needs_relink:
        return "Waits until the store is linked again."
    return "Waits while the store is paused." if store.paused_at is not None else ""


def _percent(run: Pull) -> int:
    """How much of the time that it covers is read: lists come in the order of time."""
    span = (run.until - run.since).total_seconds()
    at = max(run.reached, min(run.seen_until or run.reached, run.until))
    done = (at - run.since).total_seconds()
    return max(0, min(99, int(100 * done / span))) if span > 0 else 0
