"""Which threads serve what, so that no kind of request ever waits for another kind.

A page that asks an outside system waits for it with its thread: those have a few of their own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING

from django.urls import Resolver404, resolve
from waitress.task import ThreadedTaskDispatcher

from crossdock.ops.web.refusals import Busy

if TYPE_CHECKING:
    from crossdock.ops.web.connection import Connection

MEGABYTE = 1024 * 1024


class Share(Enum):
    """A kind of request, with threads of its own."""

    PROBES = auto()
    SCANS = auto()
    WEBHOOKS = auto()
    PAGES = auto()
    OUTSIDE = auto()
    """Pages that ask a marketplace, the books or a mail server while somebody waits."""


THREADS: Mapping[Share, int] = {
    Share.PROBES: 1,
    Share.SCANS: 2,
    Share.WEBHOOKS: 2,
    Share.PAGES: 6,
    Share.OUTSIDE: 3,
}
"""Each thread holds one connection to the database."""

SHARES: Mapping[str, Share] = {
    "healthz": Share.PROBES,
    "readyz": Share.PROBES,
    "metrics": Share.PROBES,
    "webhook": Share.WEBHOOKS,
    "scanning:scan": Share.SCANS,
    "scanning:take": Share.SCANS,
    "scanning:news": Share.SCANS,
    "scanning:again": Share.SCANS,
    "scanning:stock-pick": Share.SCANS,
    "scanning:stock-pick-scan": Share.SCANS,
    "scanning:stock-pick-by-hand": Share.SCANS,
    "oauth-callback": Share.OUTSIDE,
    "oauth-choose": Share.OUTSIDE,
    "desk:how": Share.OUTSIDE,
    "desk:cancellations": Share.OUTSIDE,
    "desk:cancel": Share.OUTSIDE,
    "desk:returns": Share.OUTSIDE,
    "desk:return": Share.OUTSIDE,
    "desk:settlement": Share.OUTSIDE,
    "desk:read_again": Share.OUTSIDE,
    "posting:books": Share.OUTSIDE,
    "posting:pdf": Share.OUTSIDE,
    "posting:test": Share.OUTSIDE,
    "account_reset_password": Share.OUTSIDE,
}
"""By the name of an address; any other is a page. Nothing but those of ``OUTSIDE`` can call anybody."""

LARGEST: Mapping[str, int] = {
    "webhook": MEGABYTE,
    "scanning:picture": 2 * MEGABYTE,
    "desk:delivery": 16 * MEGABYTE,
    "desk:returns": 48 * MEGABYTE,
    "desk:return": 48 * MEGABYTE,
    "posting:import": 11 * MEGABYTE,
    "papers:settings": 4 * MEGABYTE,
}
"""Bytes of a body, by the name of an address; a little above what the page itself takes, so that it says
no in its own words."""
LARGEST_OF_OTHERS = 2 * MEGABYTE
PAGE_SECONDS = 15.0
"""All that one page has for asking outside systems."""
LONGEST_QUEUE = 12
"""Pages that may wait for those which ask outside systems; one more is told to come back."""
LONGEST_WAIT = 20.0
"""Seconds after which such a page is told so too: nobody looks at it any more."""


def name_of(path: str) -> str:
    """The name of the address that a path leads to; "" for none. ``path`` as WSGI has it."""
    try:
        return resolve(path.encode("latin-1").decode(errors="replace")).view_name
    except Resolver404:
        return ""


class Shares:
    """Hands each request that was read whole to the threads of its share."""

    def __init__(self, threads: Mapping[Share, int] = THREADS) -> None:
        self._crews = {share: ThreadedTaskDispatcher() for share in threads}
        for share, count in threads.items():
            self._crews[share].set_thread_count(count)

    def add_task(self, connection: Connection) -> None:
        """Have the connection's next request served. One that is refused takes no thread."""
        request = connection.requests[0]
        crew = self._crews[request.share]
        request.ready_at = time.monotonic()
        if request.share is Share.OUTSIDE and len(crew.queue) >= LONGEST_QUEUE:
            request.error = Busy(request)
        if request.error is not None:
            connection.server.trigger.pull_trigger(connection.service)
        else:
            crew.add_task(connection)

    def shutdown(self) -> None:
        """Let the threads end after what they do; nobody waits for them."""
        for crew in self._crews.values():
            crew.set_thread_count(0)


def waited_too_long(share: Share, ready_at: float) -> bool:
    """Whether a request that waited since then should be told to come back instead of being served."""
    return share is Share.OUTSIDE and time.monotonic() - ready_at > LONGEST_WAIT
