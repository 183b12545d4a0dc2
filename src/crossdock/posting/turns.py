"""Turns at a company's books: one call at a time, at a pace that is learned from the answers.

SQL Account publishes no quota. Too many calls meet a 429 from the proxy in front of it, and go on
meeting it for a minute or two; a second call while one is under way takes a second user licence. So
there is one call in the air per company, over all workers, and the pace grows while the answers are
good and is halved when several of the last twenty were refused.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection

from crossdock.buttons.turns import await_turn
from crossdock.channels.errors import ChannelError, Throttled
from crossdock.channels.patience import seconds_left
from crossdock.work import figures, pace

FIRST_PACE: float = settings.CONFIG.sqlaccount_pace
"""Calls a second to begin with."""
_FASTEST, _SLOWEST = 200.0, 0.25
_GOOD_IN_A_ROW = 10
"""So many good answers in a row make the pace faster."""
_LOOKED_AT, _TOO_MANY = 20, 4
"""So many refusals among the last answers make the pace slower; fewer may be chance."""
_BAN_AFTER = 3
"""So many refusals in a row are a ban, which ends after a minute or two of silence."""
_BAN, _BREATH = 60.0, 1.0
"""Seconds of silence: for a ban, and after a single refusal."""
_PATIENCE = 10.0
"""Seconds that a call waits for its turn before the attempt goes back into the queue."""
_GLANCE = 0.01
_LOCK_CLASS = 7103
BOOKS = "sqlaccount"
"""What figures call all of them."""
_REFUSALS = 400


@dataclass(slots=True)
class _Learned:
    """What this process has learned of one company's books."""

    pace: float = field(default_factory=lambda: FIRST_PACE)
    rushing: bool = True
    """Until the first real refusal the pace doubles; after it, it grows by a tenth."""
    good: int = 0
    bad: int = 0
    last: deque[bool] = field(default_factory=lambda: deque(maxlen=_LOOKED_AT))

    def hear(self, status: int) -> float:
        """Learn from an answer; the seconds of silence that it asks for."""
        refused = status == 429
        self.last.append(refused)
        self.good = 0 if refused else self.good + 1
        self.bad = self.bad + 1 if refused else 0
        if self.last.count(True) >= _TOO_MANY:
            self.pace, self.rushing = max(self.pace / 2, _SLOWEST), False
            self.last.clear()
        elif self.good >= _GOOD_IN_A_ROW:
            self.pace = min(self.pace * (2 if self.rushing else 1.1), _FASTEST)
            self.good = 0
        if not refused:
            return 0.0
        return _BAN if self.bad >= _BAN_AFTER else _BREATH


_learned: defaultdict[int, _Learned] = defaultdict(_Learned)
_here: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def limit_of(company_id: int) -> tuple[tuple[str, float], ...]:
    """What a call to these books counts against, at the pace of the moment (``work.pace``)."""
    return ((_key(company_id), _learned[company_id].pace),)


@dataclass(slots=True)
class Turns:
    """The turns of one client at one company's books."""

    company_id: int
    taken: int = 0
    """So many turns of the pace are in hand already."""

    @contextmanager
    def next(self) -> Iterator[Callable[[int], None]]:
        """Hold the one call at a time of these books; gives what must be told the answer's status.

        Raises Throttled (ours) when it takes too long.
        """
        until = time.monotonic() + min(_PATIENCE, seconds_left())
        if self.taken:
            self.taken -= 1
        else:  # while another thread's call is in the air, so that the books need not wait for it
            await_turn(limit_of(self.company_id), _PATIENCE)
        with _alone(self.company_id, until):
            figures.count(figures.CALLS, BOOKS)
            try:
                yield lambda status: _hear(self.company_id, status)
            except ChannelError as error:
                figures.count(figures.ERRORS, BOOKS, type(error).__name__)
                raise


def _hear(company_id: int, status: int) -> None:
    if status >= _REFUSALS:
        figures.count(figures.ERRORS, BOOKS, str(status))
    if silence := _learned[company_id].hear(status):
        pace.hold(_key(company_id), silence)


@contextmanager
def _alone(company_id: int, until: float) -> Iterator[None]:
    """One at a time: among our threads by a lock of theirs, among all workers by one of the database,
    which it gives back when a worker dies."""
    if not _here[company_id].acquire(timeout=max(until - time.monotonic(), 0.0)):
        raise _busy()
    try:
        while not _try_lock(company_id):
            if time.monotonic() >= until:
                raise _busy()
            time.sleep(_GLANCE)
        try:
            yield
        finally:
            _run("SELECT pg_advisory_unlock(%s, %s)", company_id)
    finally:
        _here[company_id].release()


def _try_lock(company_id: int) -> bool:
    return _run("SELECT pg_try_advisory_lock(%s, %s)", company_id)


def _run(statement: str, company_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK_CLASS, company_id])
        row = cursor.fetchone()
    return bool(row and row[0])


def _busy() -> Throttled:
    return Throttled("Another call to SQL Account is under way.", wait=_BREATH, is_ours=True)


def _key(company_id: int) -> str:
    return f"sqlaccount:{company_id}"
