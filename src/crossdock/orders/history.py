"""The histories of orders: appended to here alone, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from crossdock.companies.models import Person
from crossdock.orders.models import History, Order
from crossdock.rules.facts import Tab
from crossdock.rules.news import News

_TOLD_OTHERWISE = frozenset({"status", "tab", "stage", "problems"})

_OUT = [Tab.SHIPPED.value, Tab.DELIVERED.value, Tab.COMPLETED.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an order's history."""

    order: Order
    kind: str
    text: str
    """One sentence for people, without personal data."""
    person: Person | None = None
    batch_id: int | None = None
    changes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Field → (before, after) as text."""


def note(order: Order, kind: str, text: str, *, person: Person | None = None) -> None:
    """Append to an order's history. ``text`` is one sentence for people, without personal data."""
    note_all([Entry(order, kind, text, person)])


def note_all(entries: Iterable[Entry]) -> None:
    """Append to the histories of many orders at once."""
    History.objects.bulk_create(
        History(
            company_id=entry.order.company_id,
            order=entry.order,
            kind=entry.kind,
            text=entry.text,
            person=entry.person,
            batch_id=entry.batch_id,
            changes={name: list(pair) for name, pair in entry.changes.items()},
        )
        for entry in entries
    )


def went_out(order: OuterRef) -> Exists:
    """Whether the channel has told an order of a query to be with the courier, or beyond: it has left,
    whatever became of it."""
    return Exists(History.objects.filter(order=order, changes__tab__0__in=_OUT))


def sentence(told: News, changes: Mapping[str, Sequence[str]]) -> str:
    """What changed, for the timeline."""
    parts = []
    if "status" in changes:
        before, after = changes["status"]
        parts.append(f"{before or 'no status'} → {after or 'no status'}")
    parts += [
        f"package {package.package_id} {package.tracking_number}".strip()
        for package in told.packages.values()
        if package.tracking_number
    ]
    parts += [f"package {package_id} is void" for package_id in told.voided]
    if "problems" in changes:
        _, after = changes["problems"]
        parts.append("could not be read whole" if after else "could be read whole again")
    named = [name.replace("_", " ") for name in changes if name not in _TOLD_OTHERWISE]
    if named:
        parts.append(", ".join(named))
    if not parts:
        parts.append("items changed" if told.lines else "details changed")
    text = "; ".join(parts) + "."
    return text if "status" in changes else text[0].upper() + text[1:]
