"""The filters that are set, each as a few words with the way to take it off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.channels.registry import channel
from crossdock.desk.days import RANGES, SHIP_BY
from crossdock.desk.filter import Filter
from crossdock.stores.models import Store


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is set."""

    words: str
    without: str
    """The query without it."""


def chips(wanted: Filter, stores: Iterable[Store]) -> list[Chip]:
    """What narrows the list besides the search, which its own box shows; in the order of the form."""
    return [Chip(words, wanted.query(view=None, **off)) for words, off in _set(wanted, stores)]


def _set(wanted: Filter, stores: Iterable[Store]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, said in wanted.misread:
        yield (
            f"{name}: {said[:40]!r}?",
            {"misread": tuple(one for one in wanted.misread if one[0] != name)},
        )
    yield from _days(wanted)
    names = {store.pk: store.name for store in stores}
    for pk in wanted.stores:
        rest = tuple(one for one in wanted.stores if one != pk)
        yield names.get(pk, f"store {pk}"), {"stores": rest}
    for name in wanted.channels:
        yield _title(name), {"channels": tuple(one for one in wanted.channels if one != name)}
    for word in wanted.statuses:
        yield f"status {word}", {"statuses": tuple(one for one in wanted.statuses if one != word)}
    if wanted.courier:
        yield wanted.courier, {"courier": ""}
    for name in ("printed", "verified", "posted"):
        value = getattr(wanted, name)
        if value is not None:
            yield name if value else f"not {name}", {name: None}
    if wanted.shipby:
        yield SHIP_BY[wanted.shipby].lower(), {"shipby": ""}


def _days(wanted: Filter) -> Iterator[tuple[str, dict[str, Any]]]:
    if wanted.range:
        yield f"{wanted.by}: {RANGES[wanted.range][0].lower()}", {"range": ""}
    elif wanted.since or wanted.until:
        span = f"{wanted.since or '…'} – {wanted.until or '…'}"
        yield f"{wanted.by} {span}", {"since": None, "until": None}


def _title(name: str) -> str:
    try:
        return channel(name).title
    except LookupError:
        return name
