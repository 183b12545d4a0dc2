"""Which papers and packing pages a tab offers."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.papers.models import Kind
from crossdock.rules.facts import Tab

_PICKING = frozenset({Tab.TO_PROCESS, Tab.TO_SHIP, Tab.SELF_DELIVER})
_SCANNING = frozenset({Tab.TO_PROCESS, Tab.TO_SHIP})


@dataclass(frozen=True, slots=True)
class Papers:
    """What can be printed and scanned."""

    picking: tuple[Kind, ...] = ()
    manifest: Kind | None = None
    scanning: bool = False
    stock_pick: bool = False


def papers_of(tab: Tab, person: Membership) -> Papers:
    """What this tab offers to somebody who packs; nothing to others."""
    if not may(person, Deed.FULFIL):
        return Papers()
    return Papers(
        picking=(Kind.PICKING_SUMMARY, Kind.PICKING_LIST) if tab in _PICKING else (),
        manifest=Kind.MANIFEST if tab is Tab.TO_SHIP else None,
        scanning=tab in _SCANNING,
        stock_pick=tab is Tab.TO_PROCESS,
    )
